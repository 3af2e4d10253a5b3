import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/backflow.js", import.meta.url));
if (!existsSync(new URL("../../dist/cli/main.js", import.meta.url))) {
  throw new Error("the command line is tested as it is built: run `npm run setup` first");
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly cwd?: string;
  /** Beside what the tests themselves run in. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the real command. */
export function startBackflow(args: readonly string[], options: Surroundings = {}): ChildProcess {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...options.env };
  return spawn(process.execPath, [bin, ...args], { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Collects what a started command says until it ends. */
export function finished(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Runs the real command to its end. */
export const backflow = (args: readonly string[], options: Surroundings = {}): Promise<Finished> =>
  finished(startBackflow(args, options));
