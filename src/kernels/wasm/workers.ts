import { DataError } from "../../errors.js";
import { type Start, source } from "./worker.js";
import { nodeThreads, nodeWorkers } from "./workers.node.js";

const MOST_THREADS = 64;
/** Beyond this the small products of a recurrent net gain nothing; BACKFLOW_THREADS may ask for more. */
const DEFAULT_MOST = 8;

/** In a page, where shared memory needs cross-origin isolation. */
function pageWorkers(): Start {
  return (data) => {
    const url = URL.createObjectURL(
      new Blob([`${source}\nonmessage = (event) => work(event.data);`], { type: "text/javascript" }),
    );
    const worker = new Worker(url, { name: "backflow" });
    worker.postMessage(data);
  };
}

/** How workers are started here; null where there is no memory to share with them. */
export function workerStart(): Start | null {
  if (typeof SharedArrayBuffer === "undefined") return null;
  const inNode = nodeWorkers();
  if (inNode) return inNode;
  return globalThis.crossOriginIsolated && typeof Worker !== "undefined" ? pageWorkers() : null;
}

/** A page's main thread may not sleep; a worker of it and every thread of Node may. */
export const maySleep = (): boolean => typeof document === "undefined";

/**
 * How many threads to use, the calling one included: BACKFLOW_THREADS, or as many as the machine runs at once up to 8.
 * Raises a DataError for a value that is not a whole number from 1 to 64.
 */
export function threadCount(): number {
  const node = nodeThreads();
  const wanted = node?.wanted;
  if (wanted !== undefined && wanted !== "") {
    const count = Number(wanted);
    if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS) {
      throw new DataError(`BACKFLOW_THREADS must be a whole number from 1 to ${MOST_THREADS}, not "${wanted}"`);
    }
    return count;
  }
  const available = node?.available ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.min(available, DEFAULT_MOST));
}
