import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type { PeerJob, Prepared, Problem } from "../problems/problem.js";
import { root } from "../report/machine.js";
import { NoAnswer } from "../runner/entrant.js";

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

/** The line that says most of what a process complained about. */
function mainComplaint(text: string): string {
  const lines = text.trim().split("\n");
  return lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
}

/** One life of a peer's process. It is asked one thing at a time. */
class PeerProcess {
  readonly #child: ChildProcess;
  #waiting: ((answer: Answer) => void) | null = null;
  /** Why it has ended; null where it lives. */
  #end: string | null = null;

  constructor({ command, arguments: argv, environment }: PeerCommand) {
    const child = spawn(command, argv, { cwd: peersFolder, env: { ...process.env, ...environment } });
    this.#child = child;
    let complaints = "";
    const settle = (answer: Answer): void => {
      this.#waiting?.(answer);
      this.#waiting = null;
    };
    const end = (error: string): void => {
      this.#end = error;
      settle({ error });
    };
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    // A write to a process that has ended; its end is reported below.
    child.stdin.on("error", () => {});
    child.on("error", (error) => end(error.message));
    child.on("close", (code) => {
      const said = mainComplaint(complaints);
      end(`it ended with code ${code}${said ? `: ${said}` : ""}`);
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("@")) settle(JSON.parse(line.slice(1)));
    });
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  async ask(message: object): Promise<Answer> {
    if (this.#end !== null) return { error: this.#end };
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
    });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Milliseconds that a peer may take for an answer beyond the time it was asked to spend: it loads, and it compiles. */
const PATIENCE = 30_000;

/** Another engine in a process of its own, which is started again once it has ended or was given up. */
export class Peer {
  readonly #command: PeerCommand;
  readonly #patience: number;
  readonly #scratch = mkdtempSync(join(tmpdir(), "backflow-peer-"));
  #process: PeerProcess | null;

  /** @param patience milliseconds that it may take for an answer beyond the time it was asked to spend */
  constructor(
    readonly name: string,
    command: PeerCommand,
    patience = PATIENCE,
  ) {
    this.#command = command;
    this.#patience = patience;
    // At once, so that all of them load side by side.
    this.#process = new PeerProcess(command);
  }

  async #ask(message: object, seconds = 0): Promise<Answer> {
    this.#process ??= new PeerProcess(this.#command);
    const after = this.#patience + 1000 * seconds;
    const answered = new AbortController();
    const silence = setTimeout(after, null, { signal: answered.signal }).catch(() => null);
    const answer = await Promise.race([this.#process.ask(message), silence]);
    answered.abort();
    if (answer === null) {
      this.#stop();
      throw new NoAnswer(after);
    }
    if (this.#process?.ended) this.#process = null;
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
    return (await this.#ask({ sample: seconds }, seconds)).samples ?? [];
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

  #stop(): void {
    this.#process?.kill();
    this.#process = null;
  }

  close(): void {
    this.#stop();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
