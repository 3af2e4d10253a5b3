import { DeviceError } from "../../errors.js";
import { arrayTypes, type DType } from "../../kernels/storage.js";
import { checkDType, tensor } from "../../tensor/create.js";
import { backendOf, type Device, isFloat } from "../../tensor/devices.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

/** Another dtype; float → int32 truncates, anything → bool is ≠ 0.   x̄ = ȳ in x's dtype, between floats only */
export const castOp = defineOp<{ dtype: DType }>("cast", {
  takes: ["any"],
  shape: ([x]) => x.shape,
  forward: (kernels, [x], { dtype }) => {
    const home = backendOf(x.device, dtype);
    if (home === kernels) return kernels.cast(x, dtype);
    const values = x.dataSync();
    const isTruth = dtype === "bool";
    return home.upload(
      isTruth ? Uint8Array.from(values, (v) => (v === 0 ? 0 : 1)) : arrayTypes[dtype].from(values),
      dtype,
    );
  },
  backward: ({ inputs: [x], output }, gy) => [isFloat(output.dtype) ? gy.cast(x.dtype) : null],
  tangent: ({ options }, [t]) => cast(t as Tensor, options.dtype),
});

/** The same numbers in another dtype. */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkDType("cast", dtype);
  return x.dtype === dtype ? x : castOp([x], { dtype });
}

/** The same numbers on another device, as a new leaf: gradients do not cross devices. */
export async function to(x: Tensor, device: Device): Promise<Tensor> {
  if (x.device === device) return x;
  if (x.dtype === "float64") throw new DeviceError("to: float64 lives on the CPU only: cast to float32 first");
  return tensor(await x.data(), { shape: x.shape, dtype: x.dtype, device, requiresGrad: x.requiresGrad, name: x.name });
}
