// Smallest modules that use a feature; whether they validate says whether the engine has it.

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];
/** i8x16.splat(0) */
const ZEROS = [65, 0, 253, 15];

/** A module of one function, () → v128. */
const moduleOf = (code: number[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array([...HEADER, 10, code.length + 4, 1, code.length + 2, 0, ...code, 11]);

export const supportsSimd = (): boolean => WebAssembly.validate(moduleOf(ZEROS));

/** f32x4.relaxed_madd: fused multiply-add where the machine has it. */
export const supportsRelaxedSimd = (): boolean =>
  WebAssembly.validate(moduleOf([...ZEROS, ...ZEROS, ...ZEROS, 253, 133, 2]));
