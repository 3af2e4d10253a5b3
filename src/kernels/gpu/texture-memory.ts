import { DeviceError } from "../../errors.js";
import { DeviceArray, type DeviceMemory } from "./device-memory.js";

/** gpu.js's handle of a WebGL result. */
interface Texture {
  toArray(): Float32Array | ArrayLike<number>[];
  delete(): void;
}

/** Textures of WebGL. Reading waits for the device, as WebGL does; a part is cut out after the whole was read. */
export function textureMemory(
  upload: (data: Float32Array, length: number) => unknown,
  isLost: () => boolean,
): DeviceMemory {
  return {
    check() {
      if (isLost()) throw new DeviceError("gpu: the WebGL context was lost; what was on it is gone. Load it again");
    },
    upload: (data) => new DeviceArray(upload(data, data.length)),
    read: (x, start, length) => ((x.value as Texture).toArray() as Float32Array).slice(start, start + length),
    argument: (x, at) => [x.value, at],
    adopt(result, width) {
      if (width === 1) return new DeviceArray(result);
      const texture = result as Texture;
      const groups = texture.toArray() as ArrayLike<number>[];
      texture.delete();
      const flat = new Float32Array(groups.length * width);
      for (let i = 0; i < groups.length; i++) for (let j = 0; j < width; j++) flat[i * width + j] = groups[i][j];
      return new DeviceArray(upload(flat, flat.length));
    },
    free: (x) => (x.value as Texture).delete(),
    settle: () => Promise.resolve(),
  };
}
