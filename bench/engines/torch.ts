import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The Python that has PyTorch: PYTHON, the system's, or the first on the path. */
export const python = process.env.PYTHON ?? (existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3");

/**
 * Which library multiplies PyTorch's matrices, as the process itself has it loaded. PyTorch on the plain reference BLAS
 * is many times slower than its users know it, and beside it anything looks fast.
 */
const program = `import re, torch
torch.ones(64, 64) @ torch.ones(64, 64)
libraries = {line.split()[-1] for line in open("/proc/self/maps") if re.search(r"blas|mkl_|accelerate", line, re.I)}
print(torch.__version__ + ";" + ";".join(sorted(libraries)) + ";" + ("mkl" if torch.backends.mkl.is_available() else ""))`;

export interface TorchBuild {
  readonly version: string;
  /** OpenBLAS, MKL, or what else is loaded. */
  readonly blas: string;
  /** Whether this BLAS is one that is made to be fast. */
  readonly fast: boolean;
}

/** Null where there is no PyTorch. */
export function torchBuild(): TorchBuild | null {
  let answer: string;
  try {
    answer = execFileSync(python, ["-c", program], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return null;
  }
  const [version = "", ...libraries] = answer.trim().split(";");
  const known = ["openblas", "mkl", "blis", "atlas", "accelerate"];
  const fast = known.find((name) => libraries.some((library) => library.toLowerCase().includes(name)));
  const names: Record<string, string> = {
    openblas: "OpenBLAS",
    mkl: "MKL",
    blis: "BLIS",
    atlas: "ATLAS",
    accelerate: "Accelerate",
  };
  return {
    version,
    blas: fast ? names[fast] : libraries.filter(Boolean).join(", ") || "unknown",
    fast: fast !== undefined,
  };
}

/** "PyTorch 1.13.0 with OpenBLAS", with a warning where the BLAS is a slow one. */
export function torchWords(): string {
  const build = torchBuild();
  if (!build) return "PyTorch is not here";
  const warning = build.fast ? "" : " (slow: PyTorch's products are no measure here; install libopenblas0-pthread)";
  return `PyTorch ${build.version} with ${build.blas}${warning}`;
}
