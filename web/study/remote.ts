import type { CallName, Calls } from "./calls.js";

/** From the page to the worker. */
export type Request =
  | { [Name in CallName]: { id: number; call: Name; ask: Calls[Name]["ask"] } }[CallName]
  | { cancel: number };

/** From the worker to the page. */
export type Reply = { id: number; answer: unknown } | { id: number; error: string } | { id: number; progress: unknown };

interface Pending {
  resolve(answer: unknown): void;
  reject(error: Error): void;
  progress?(report: unknown): void;
}

export interface AskOptions<Name extends CallName> {
  readonly onProgress?: (report: Calls[Name]["progress"]) => void;
  /** Tells the worker to stop; what it has then is the answer. */
  readonly signal?: AbortSignal;
}

/** The worker as the page sees it: ask, and the answer comes. */
export class Remote {
  private readonly pending = new Map<number, Pending>();
  private readonly waiting = new Map<string, () => void>();
  private readonly busy = new Set<string>();
  private next = 0;

  constructor(private readonly worker: Worker) {
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => this.receive(data));
    worker.addEventListener("error", (event) => {
      for (const { reject } of this.pending.values()) reject(new Error(event.message));
    });
  }

  ask<Name extends CallName>(
    call: Name,
    ask: Calls[Name]["ask"],
    { onProgress, signal }: AskOptions<Name> = {},
  ): Promise<Calls[Name]["answer"]> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      // A reply carries the type of the request with its id, which only this class hands out.
      const progress = onProgress as ((report: unknown) => void) | undefined;
      this.pending.set(id, { resolve: resolve as (answer: unknown) => void, reject, progress });
      this.worker.postMessage({ id, call, ask });
      signal?.addEventListener("abort", () => this.worker.postMessage({ cancel: id }));
    });
  }

  /**
   * Asks, but one question of a kind at a time: while one is out, only the last of those that come is kept. For what
   * follows typing and pointing. Overtaken questions get no answer, and their promises never settle.
   */
  askLatest<Name extends CallName>(
    kind: string,
    call: Name,
    ask: Calls[Name]["ask"],
    then: (answer: Calls[Name]["answer"]) => void,
  ): Promise<void> {
    if (this.busy.has(kind)) {
      return new Promise((resolve, reject) => {
        this.waiting.set(kind, () => this.askLatest(kind, call, ask, then).then(resolve, reject));
      });
    }
    return this.askAlone(kind, call, ask, then);
  }

  private async askAlone<Name extends CallName>(
    kind: string,
    call: Name,
    ask: Calls[Name]["ask"],
    then: (answer: Calls[Name]["answer"]) => void,
  ): Promise<void> {
    this.busy.add(kind);
    try {
      const answer = await this.ask(call, ask);
      if (!this.waiting.has(kind)) then(answer);
    } finally {
      this.busy.delete(kind);
      const next = this.waiting.get(kind);
      this.waiting.delete(kind);
      next?.();
    }
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (!pending) return;
    if ("progress" in reply) {
      pending.progress?.(reply.progress);
      return;
    }
    this.pending.delete(reply.id);
    if ("error" in reply) pending.reject(new Error(reply.error));
    else pending.resolve(reply.answer);
  }
}
