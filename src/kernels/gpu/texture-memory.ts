import { DeviceError } from "../../errors.js";
import { DeviceArray, type DeviceMemory } from "./device-memory.js";

/** gpu.js's handle of a WebGL result. */
interface Texture {
  readonly output: readonly number[];
  toArray(): Float32Array | ArrayLike<number>[];
  delete(): void;
}

/**
 * Textures of WebGL, one number in a texel. `spread` makes such a one of a texture with groups of `width` numbers in its
 * texels, on the device: to read them here would wait for all that was launched before.
 *
 * Reading waits for the device, as WebGL does; a part is cut out after the whole was read.
 */
export function textureMemory(
  upload: (data: Float32Array, length: number) => unknown,
  spread: (groups: unknown, width: number, length: number) => unknown,
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
      const numbers = spread(texture, width, texture.output[0] * width);
      texture.delete();
      return new DeviceArray(numbers);
    },
    join: null,
    free: (x) => (x.value as Texture).delete(),
    settle: () => Promise.resolve(),
  };
}
