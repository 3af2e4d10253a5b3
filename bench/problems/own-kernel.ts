import { DataError } from "backflow";
import { type DeviceFunction, type Kernel, type KernelThis, kernel } from "backflow/kernels";
import type { BenchDevice } from "../runner/devices.js";
import type { Expected } from "../runner/verify.js";
import { type Input, Inputs } from "./inputs.js";
import { prepareKernel } from "./kernel-problem.js";
import type { Candidate, Prepared, Problem } from "./problem.js";

/**
 * A kernel of one's own, the default export of a file given to `npm run bench -- ./my-kernel.ts`.
 * See bench/example-kernel.ts.
 */
export interface OwnKernel {
  readonly name: string;
  /** Sizes to run at; `--sizes` chooses others. */
  readonly sizes: readonly number[];
  /** The shapes of the inputs at a size. They get normal numbers with outliers, unless `fill` says otherwise. */
  readonly inputs: (size: number) => readonly (readonly number[])[];
  /** One number of an input, from a uniform number in [0, 1) and the input's place among the inputs. */
  readonly fill?: (uniform: number, input: number) => number;
  /** How many numbers come out. */
  readonly outputs: (size: number) => number;
  /** Whole numbers that follow the arrays as arguments. */
  readonly integers?: (size: number) => readonly number[];
  /** A gpu.js function of flat arrays, then whole numbers, that gives the number at `this.thread.x`. */
  readonly kernel: (this: KernelThis, ...parameters: never[]) => number;
  /** Device functions of backflow/kernels that it calls as `this.tanh(…)` and the like. */
  readonly uses?: readonly DeviceFunction[];
  /** The same in float64: what is right. */
  readonly reference: (inputs: readonly Float64Array[], size: number) => ArrayLike<number>;
  /** Units in the last place that the kernel may be off, of `scale` where that is larger than the result itself. */
  readonly ulp: number;
  readonly scale?: (inputs: readonly Float64Array[], size: number) => ArrayLike<number>;
  /** Floating-point operations and bytes at a size, for rates and the roofline. */
  readonly flops: (size: number) => number;
  readonly bytes: (size: number) => number;
}

/** What a kernel has to have, with the type of each. */
const needed = {
  name: "string",
  inputs: "function",
  outputs: "function",
  kernel: "function",
  reference: "function",
  ulp: "number",
  flops: "function",
  bytes: "function",
} as const;

/** Whether a file's default export is one; a {@link DataError} names what is missing, or of another type. */
export function assertOwnKernel(value: unknown, file: string): asserts value is OwnKernel {
  const given: Readonly<Record<string, unknown>> = { ...(value as object | null | undefined) };
  const missing = ["sizes", ...Object.keys(needed)].filter((name) => !(name in given));
  if (missing.length > 0) {
    throw new DataError(`${file}: the default export must be a kernel; it has no ${missing.join(", ")}`);
  }
  const wrong = Object.entries(needed).find(([name, type]) => typeof given[name] !== type);
  if (wrong) throw new DataError(`${file}: ${wrong[0]} must be a ${wrong[1]}`);
  const { sizes } = given;
  if (!Array.isArray(sizes) || !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new DataError(`${file}: sizes must be a list of whole numbers from 1 on`);
  }
}

/**
 * Every array of a kernel comes with the place of its first number, which is 0 here: the function's text gets a parameter
 * for it after each array.
 */
function compiled({ name, kernel: body, uses }: OwnKernel, arrays: number, integers: number): Kernel {
  const text = body.toString();
  const open = text.indexOf("(");
  const close = text.indexOf(")", open);
  const names = text
    .slice(open + 1, close)
    .split(",")
    .map((parameter) => parameter.trim())
    .filter((parameter) => parameter !== "");
  if (names.length !== arrays + integers) {
    throw new DataError(
      `${name}: the kernel takes ${names.length} parameters, but there are ${arrays} arrays and ${integers} integers`,
    );
  }
  const parameters = names.map((parameter, i) => (i < arrays ? `${parameter}, ${parameter}Offset` : parameter));
  const source = `function ${name.replace(/\W/g, "_")}(${parameters.join(", ")}${text.slice(close)}`;
  const kinds = [...Array<"operand">(arrays).fill("operand"), ...Array<"integer">(integers).fill("integer")];
  return kernel(`own:${name}`, source, kinds, uses);
}

function ownInputs({ name, inputs, fill }: OwnKernel, size: number, seed: number): Input[] {
  const random = new Inputs(seed);
  const shapes: unknown = inputs(size);
  const isShape = (shape: unknown): boolean => Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n > 0);
  if (!Array.isArray(shapes) || shapes.length === 0 || !shapes.every(isShape)) {
    throw new DataError(`${name} of size ${size}: inputs must give a list of shapes, each a list of whole numbers`);
  }
  return shapes.map((shape, i) =>
    fill ? random.filled(shape, (generator) => fill(generator.uniform(), i)) : random.factors(shape),
  );
}

/** The float64 twin as a candidate: plain JavaScript on the inputs. */
async function prepareTwin(own: OwnKernel, inputs: readonly Float64Array[], size: number): Promise<Prepared> {
  const start = performance.now();
  const first = own.reference(inputs, size);
  return {
    firstCall: performance.now() - start,
    results: async () => [first],
    run: () => void own.reference(inputs, size),
    upload: null,
    readBack: null,
    total: null,
    complete: null,
    close: () => {},
  };
}

function ownProblem(own: OwnKernel, size: number, seed: number): Problem {
  const inputs = ownInputs(own, size, seed);
  const doubles = inputs.map(({ data }) => Float64Array.from(data));
  const integers = own.integers?.(size) ?? [];
  const program = compiled(own, inputs.length, integers.length);
  let truth: Promise<readonly Expected[]> | null = null;
  const computed = async (): Promise<readonly Expected[]> => {
    const scale = own.scale?.(doubles, size);
    return [{ name: "y", values: own.reference(doubles, size), scale, bound: own.ulp }];
  };
  const expected = (): Promise<readonly Expected[]> => {
    truth ??= computed();
    return truth;
  };
  const candidateOn = (device: BenchDevice): (() => Promise<Prepared>) | null => {
    const { gpu } = device;
    if (device.kind === "reference") return () => prepareTwin(own, doubles, size);
    if (!gpu) return null;
    return () =>
      prepareKernel(inputs, device, (operands) => [
        gpu.runtime.launch(own.name, program, [...operands, ...integers], own.outputs(size)),
      ]);
  };
  return {
    suite: "own",
    name: `${own.name} ${size}`,
    family: own.name,
    size,
    work: { flops: own.flops(size), bytes: own.bytes(size) },
    job: null,
    expected,
    candidates: (device): Candidate[] => {
      const prepare = candidateOn(device);
      return prepare ? [{ variant: "default", prepare }] : [];
    },
  };
}

/** A problem a size; a {@link DataError} tells what the kernel's own functions say against one. */
export function ownProblems(own: OwnKernel, sizes: readonly number[] | null, seed: number): Problem[] {
  return (sizes ?? own.sizes).map((size) => {
    try {
      return ownProblem(own, size, seed);
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(`${own.name} of size ${size}: ${said}`, { cause });
    }
  });
}
