import type { CallName, Calls } from "./calls.js";
import { Engine } from "./engine.js";
import type { Reply, Request } from "./remote.js";

const engine = new Engine();
const running = new Map<number, AbortController>();
const reply = (message: Reply): void => self.postMessage(message);

/** Lets messages in that came meanwhile, as a cancellation. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** What the reader waits for while typing goes before all others, also in the midst of a long call. */
const URGENT: CallName = "translate";
const waiting: Request[] = [];
let busy = false;

async function answer<Name extends CallName>(id: number, call: Name, ask: Calls[Name]["ask"]): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const progress = async (report: Calls[Name]["progress"]): Promise<void> => {
      reply({ id, progress: report });
      await breathe();
      await work(true);
    };
    reply({ id, answer: await engine.handlers[call](ask, { progress, signal: controller.signal }) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  } finally {
    running.delete(id);
  }
}

/** One call after the other: a model is in one mode at a time. Between two reports of a call it is in none. */
async function work(onlyUrgent: boolean): Promise<void> {
  for (;;) {
    const first = waiting.findIndex((request) => "call" in request && request.call === URGENT);
    if (first < 0 && (onlyUrgent || waiting.length === 0)) return;
    const [request] = waiting.splice(Math.max(first, 0), 1);
    if ("call" in request) await answer(request.id, request.call, request.ask);
    if (!onlyUrgent) await breathe();
  }
}

self.addEventListener("message", async ({ data }: MessageEvent<Request>) => {
  if ("cancel" in data) {
    running.get(data.cancel)?.abort();
    return;
  }
  waiting.push(data);
  if (busy) return;
  busy = true;
  await work(false);
  busy = false;
});
