import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PeerJob, Prepared, Problem } from "../problems/problem.js";
import { root } from "../report/machine.js";

export const peersFolder = join(root, "bench/peers");

export interface PeerCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  /** What has to be installed in bench/peers; null where it is the system's. */
  readonly package: string | null;
  readonly environment?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly error?: string;
  readonly firstCall?: number;
  readonly lengths?: number[];
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
    // A group of its own: Ctrl-C is for the benchmark, which ends its peers itself.
    const child = spawn(command, argv, { detached: true, cwd: peersFolder, env: { ...process.env, ...environment } });
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

  /** Gives the peer a job and takes the results of its first call. */
  async start(job: PeerJob): Promise<{ firstCall: number; results: Float32Array[] }> {
    const inputs = job.inputs.map(({ name, data, shape }, i) => {
      const file = join(this.#scratch, `${i}.f32`);
      // Tokens and masks too: whole numbers below 2²⁴ are the same in float32.
      writeFileSync(file, Float32Array.from(data));
      return { name, file, shape };
    });
    const output = join(this.#scratch, "output.f32");
    const { firstCall = 0, lengths = [] } = await this.#ask({ prepare: { job: job.kind, inputs, output } });
    const bytes = readFileSync(output);
    const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    let end = 0;
    const results = lengths.map((length) => {
      end += length;
      return numbers.subarray(end - length, end);
    });
    return { firstCall, results };
  }

  /** Times calls of the job it was given for so many seconds, one at least: milliseconds a call. */
  async sample(seconds: number): Promise<number[]> {
    return (await this.#ask({ sample: seconds })).samples ?? [];
  }

  async prepare({ job }: Problem): Promise<Prepared> {
    if (!job) throw new Error("this problem is for tensors of this library");
    const { firstCall, results } = await this.start(job());
    return {
      firstCall,
      results: async () => results,
      run: () => {},
      sample: (seconds) => this.sample(seconds),
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
