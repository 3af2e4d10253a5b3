import type { Input } from "../problems/inputs.js";
import type { Job, Prepared, Problem } from "../problems/problem.js";
import type { MissingDevice } from "../runner/devices.js";
import type { PeerEngine } from "../runner/run-problem.js";

/** Where the command's server has bench/peers, beside the page. */
export const PEERS_PATH = "/peers";

/** The engines that run in a page, each with its script and its back end. */
const scripts = {
  "tfjs webgl": ["tfjs/browser.js", "webgl"],
  "tfjs webgpu": ["tfjs/browser.js", "webgpu"],
  "jax-js webgpu": ["jax-js/browser.js", "webgpu"],
  "jax-js wasm": ["jax-js/browser.js", "wasm"],
} as const;

export type BrowserPeerName = keyof typeof scripts;
export const browserPeerNames = Object.keys(scripts) as BrowserPeerName[];

/** What the script of a peer gives for a back end. */
interface Opened {
  /** Makes the back end the one that computes: an engine has one for the whole page. */
  activate(): unknown;
  prepare(
    job: Job,
    inputs: readonly Input[],
  ): Promise<{ run(): unknown; complete(): Promise<unknown>; results(): Promise<ArrayLike<number>[]> }>;
}

function engine(name: string, { activate, prepare }: Opened): PeerEngine {
  return {
    name,
    prepare: async ({ job }: Problem): Promise<Prepared> => {
      if (!job) throw new Error("this problem is for tensors of this library");
      const { kind, inputs } = job();
      activate();
      const start = performance.now();
      const { run, complete, results } = await prepare(kind, inputs);
      const first = await results();
      return {
        firstCall: performance.now() - start,
        results: async () => first,
        run: () => {
          activate();
          run();
        },
        upload: null,
        readBack: null,
        total: null,
        complete: () => {
          activate();
          return complete();
        },
        close: () => {},
      };
    },
  };
}

/** Loads other engines into this page, and says why one cannot be had. */
export async function openBrowserPeers(
  names: readonly BrowserPeerName[],
): Promise<{ peers: PeerEngine[]; missing: MissingDevice[] }> {
  const peers: PeerEngine[] = [];
  const missing: MissingDevice[] = [];
  for (const name of names) {
    const [script, backend] = scripts[name];
    try {
      const url = new URL(`${PEERS_PATH}/${script}`, globalThis.location.href).href;
      const { open }: { open(backend: string): Promise<Opened> } = await import(/* @vite-ignore */ url);
      peers.push(engine(name, await open(backend)));
    } catch (error) {
      missing.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { peers, missing };
}
