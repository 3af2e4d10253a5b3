import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createJiti } from "jiti";
import { type GradcheckOptions, gradcheck } from "../autograd/gradcheck/gradcheck.js";
import { showReport } from "../autograd/gradcheck/report.js";
import type { CheckedFunction, CheckedModule } from "../autograd/gradcheck/subject.js";
import { type EpsSweep, epsSweep } from "../autograd/gradcheck/sweep.js";
import { DataError } from "../errors.js";
import * as backflow from "../index.js";
import { randn } from "../tensor/create.js";
import { Random } from "../tensor/random.js";
import { Tensor } from "../tensor/tensor.js";

/** An export that says at which point it is to be checked; a plain function is checked at random [2, 3] inputs. */
export interface ExportedCheck extends GradcheckOptions {
  readonly fn: CheckedFunction | CheckedModule;
  readonly inputs: readonly Tensor[] | (() => readonly Tensor[]);
}

/** One export, checked. */
export interface FileRow {
  readonly name: string;
  readonly passed: boolean;
  readonly report: string;
  readonly maxAbsoluteError: number;
  readonly maxRelativeError: number;
  readonly sweep: EpsSweep | null;
}

const isCheck = (value: unknown): value is ExportedCheck =>
  typeof value === "object" && value !== null && "fn" in value && "inputs" in value;

/** How each export is to be checked; what is neither a function nor a check is passed over. */
function checksIn(exports: Record<string, unknown>): [name: string, check: ExportedCheck][] {
  return Object.entries(exports).flatMap(([name, value]): [string, ExportedCheck][] => {
    if (isCheck(value)) return [[name, value]];
    if (typeof value !== "function" || value.length === 0 || /^class\b/.test(String(value))) return [];
    const random = new Random(1);
    const inputs = Array.from({ length: value.length }, () => randn([2, 3], { dtype: "float64", random }));
    return [[name, { fn: value as CheckedFunction, inputs }]];
  });
}

function checkOne(name: string, { fn, inputs: given, ...options }: ExportedCheck): FileRow {
  const nothing = { name, passed: false, maxAbsoluteError: 0, maxRelativeError: 0, sweep: null };
  try {
    const inputs = typeof given === "function" ? given() : given;
    if (!inputs.every((input) => input instanceof Tensor)) {
      throw new DataError(`gradcheck: the inputs of ${name} are not all tensors of this copy of backflow`);
    }
    const report = gradcheck(fn, inputs, options);
    return {
      name,
      passed: report.passed,
      report: showReport(report),
      maxAbsoluteError: Math.max(0, ...report.inputs.map((input) => input.maxAbsoluteError)),
      maxRelativeError: Math.max(0, ...report.inputs.map((input) => input.maxRelativeError)),
      sweep: sweepOf(fn, inputs, options),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...nothing, report: `${message}\n(export { fn, inputs } to say at which point to check)` };
  }
}

function sweepOf(fn: ExportedCheck["fn"], inputs: readonly Tensor[], options: GradcheckOptions): EpsSweep | null {
  try {
    return epsSweep(fn, inputs, options);
  } catch {
    // A gradient that is zero or cannot be had has no sweep; the report says what is wrong.
    return null;
  }
}

/**
 * Loads a module, JavaScript or TypeScript, and checks its exports.
 * @throws DataError if it cannot be read, or has nothing to check
 */
export async function checkFile(path: string): Promise<FileRow[]> {
  const full = resolve(path);
  if (!existsSync(full)) throw new DataError(`gradcheck: there is no file ${path}`);
  let exports: Record<string, unknown>;
  try {
    // The user's file and this command must share one copy of the library, or tensors would not be tensors.
    const jiti = createJiti(pathToFileURL(full).href, { virtualModules: { backflow }, interopDefault: false });
    exports = await jiti.import(full);
  } catch (error) {
    throw new DataError(`gradcheck: cannot load ${path}: ${error instanceof Error ? error.message : error}`);
  }
  const checks = checksIn(exports);
  if (checks.length === 0) {
    throw new DataError(`gradcheck: ${path} exports nothing to check: a function of tensors, or { fn, inputs }`);
  }
  return checks.map(([name, check]) => checkOne(name, check));
}
