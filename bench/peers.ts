import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { MissingDevice } from "./devices.js";
import { root } from "./machine.js";
import type { Prepared, Problem } from "./problem.js";

const folder = join(root, "bench/peers");

interface PeerCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  /** What has to be installed in bench/peers; null where it is the system's. */
  readonly package: string | null;
  readonly environment?: Readonly<Record<string, string>>;
}

const script = (name: string, packageName: string, ...rest: string[]): PeerCommand => ({
  command: process.execPath,
  arguments: [join(folder, name), ...rest],
  package: packageName,
});
const torch = (threads: number, environment: Readonly<Record<string, string>>): PeerCommand => ({
  command: process.env.PYTHON ?? (existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3"),
  arguments: [join(folder, "torch/kernels.py"), String(threads)],
  package: null,
  environment,
});

/** Every peer, as its own users would run it; "×1" on one core where that can be chosen. */
const commands = {
  "PyTorch ×1": torch(1, { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" }),
  PyTorch: torch(0, {}),
  "onnxruntime ×1": script("onnxruntime.js", "onnxruntime-node", "1"),
  onnxruntime: script("onnxruntime.js", "onnxruntime-node", "0"),
  "tfjs wasm": script("tfjs.js", "@tensorflow/tfjs-backend-wasm", "wasm"),
  "tfjs cpu": script("tfjs.js", "@tensorflow/tfjs", "cpu"),
  "jax-js wasm": script("jax-js.js", "@jax-js/jax"),
  "js-pytorch": script("js-pytorch.js", "js-pytorch"),
} as const satisfies Record<string, PeerCommand>;

interface Answer {
  readonly error?: string;
  readonly firstCall?: number;
  readonly samples?: number[];
}

/** A peer's process. It is asked one thing at a time. */
export class Peer {
  readonly #process: ChildProcess;
  readonly #scratch = mkdtempSync(join(tmpdir(), "backflow-peer-"));
  readonly #complaints: string[] = [];
  #waiting: ((answer: Answer) => void) | null = null;

  constructor(
    readonly name: string,
    { command, arguments: argv, environment }: PeerCommand,
  ) {
    const child = spawn(command, argv, { cwd: folder, env: { ...process.env, ...environment } });
    this.#process = child;
    const settle = (answer: Answer): void => {
      this.#waiting?.(answer);
      this.#waiting = null;
    };
    child.stderr.on("data", (data: Buffer) => this.#complaints.push(String(data)));
    // A write to a process that has ended; its end is reported below.
    child.stdin.on("error", () => {});
    child.on("error", (error) => settle({ error: error.message }));
    child.on("close", (code) => {
      const said = this.#complaints.join("").trim().split("\n").at(-1);
      settle({ error: `it ended with code ${code}${said ? `: ${said}` : ""}` });
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("@")) settle(JSON.parse(line.slice(1)));
    });
  }

  async #ask(message: object): Promise<Answer> {
    if (this.#process.exitCode !== null) throw new Error(`it ended with code ${this.#process.exitCode}`);
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting = resolve;
      this.#process.stdin?.write(`${JSON.stringify(message)}\n`);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  /** Gives the peer a problem's inputs and takes its first result. */
  async prepare({ job }: Problem): Promise<Prepared> {
    if (!job) throw new Error("this problem is for tensors of this library");
    const inputs = job.inputs.map(({ data, shape }, i) => {
      const file = join(this.#scratch, `${i}.f32`);
      writeFileSync(file, data);
      return { file, shape };
    });
    const output = join(this.#scratch, "output.f32");
    const { firstCall = 0 } = await this.#ask({ prepare: { job: job.kind, inputs, output } });
    const bytes = readFileSync(output);
    const result = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    return {
      firstCall,
      results: async () => [result],
      run: () => {},
      sample: async (seconds) => (await this.#ask({ sample: seconds })).samples ?? [],
      upload: null,
      readBack: null,
      total: null,
      complete: null,
      close: () => {},
    };
  }

  close(): void {
    this.#process.kill();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Starts the peers whose names begin with one of those given, and lists those that are not installed. */
export function openPeers(wanted: readonly string[]): { peers: Peer[]; missing: MissingDevice[] } {
  const peers: Peer[] = [];
  const missing: MissingDevice[] = [];
  for (const [name, command] of Object.entries<PeerCommand>(commands)) {
    if (!wanted.some((one) => name.toLowerCase().startsWith(one.toLowerCase()))) continue;
    if (command.package !== null && !existsSync(join(folder, "node_modules", command.package))) {
      missing.push({ name, reason: `${command.package} is not installed: npm ci --prefix bench/peers` });
    } else peers.push(new Peer(name, command));
  }
  return { peers, missing };
}

export const peerNames = Object.keys(commands);
