import type { Backend } from "../backend.js";
import { type DType, hostView, type NumberArray, type Operand, sizeOf } from "../storage.js";
import type { Engine } from "./engine.js";
import { WasmStorage } from "./storage.js";

type Doors = Pick<
  Backend,
  "zeros" | "upload" | "read" | "readSync" | "memory" | "fill" | "assign" | "accumulate" | "cast"
>;

/** Numbers in and out, and what is written in place without looking at it. */
export function doors(engine: Engine): Doors {
  const { kernels, memory } = engine;

  const readSync = (x: Operand): NumberArray => {
    // A view of shared memory would give a shared copy: make the copy's own buffer first.
    const view = hostView(x);
    return view instanceof Float32Array
      ? new Float32Array(view)
      : view instanceof Int32Array
        ? new Int32Array(view)
        : view instanceof Uint8Array
          ? new Uint8Array(view)
          : new Float64Array(view);
  };

  return {
    zeros(length: number, dtype: DType) {
      const storage = engine.allocate(length, dtype);
      kernels.clear(storage.address, storage.bytes);
      return storage;
    },

    upload: (data, dtype) => engine.upload(data, dtype),

    read: async (x) => readSync(x),

    readSync,

    memory: () => ({ bytes: memory.bytes, storages: memory.storages }),

    fill(x, value) {
      const { dtype } = x.storage;
      if (dtype === "float32") kernels.fill(engine.address(x), value, sizeOf(x.shape));
      else hostView(x).fill(dtype === "bool" && value !== 0 ? 1 : value);
      x.storage.version++;
    },

    assign(x, y) {
      const target = x.storage;
      if (target instanceof WasmStorage) {
        kernels.copyBytes(engine.address(y), engine.address(x), sizeOf(x.shape) * target.elementBytes);
      } else hostView(x).set(hostView(y));
      target.version++;
    },

    accumulate(x, y) {
      const { dtype } = x.storage;
      if (dtype === "float32") kernels.accumulate(engine.address(x), engine.address(y), sizeOf(x.shape));
      else {
        const into = hostView(x);
        const from = hostView(y);
        for (let i = 0; i < into.length; i++) into[i] = dtype === "bool" ? into[i] | from[i] : into[i] + from[i];
      }
      x.storage.version++;
    },

    cast(x, dtype) {
      const size = sizeOf(x.shape);
      if (x.storage.dtype === "float32" && dtype === "bool") {
        const storage = engine.allocate(size, dtype);
        kernels.truth(engine.address(x), storage.address, size);
        return storage;
      }
      const storage = engine.allocate(size, dtype);
      // The view is taken after the allocation, which may have moved the memory.
      const from = hostView(x);
      const into = storage.array();
      if (dtype === "bool") for (let i = 0; i < size; i++) into[i] = from[i] !== 0 ? 1 : 0;
      else into.set(from);
      return storage;
    },
  };
}
