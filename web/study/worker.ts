import type { CallName, Calls } from "./calls.js";
import { Engine } from "./engine.js";
import type { Reply, Request } from "./remote.js";

const engine = new Engine();
const running = new Map<number, AbortController>();
const reply = (message: Reply): void => self.postMessage(message);

/** Lets messages in that came meanwhile, as a cancellation. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function answer<Name extends CallName>(id: number, call: Name, ask: Calls[Name]["ask"]): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const progress = async (report: Calls[Name]["progress"]): Promise<void> => {
      reply({ id, progress: report });
      await breathe();
    };
    reply({ id, answer: await engine.handlers[call](ask, { progress, signal: controller.signal }) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  } finally {
    running.delete(id);
  }
}

// One call after the other: a model is in one mode at a time.
let queue = Promise.resolve();
self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if ("cancel" in data) running.get(data.cancel)?.abort();
  else queue = queue.then(() => answer(data.id, data.call, data.ask));
});
