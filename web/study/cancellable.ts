import { byId } from "../page/figure.js";

export interface Progress {
  readonly signal: AbortSignal;
  /** Hears the share that is done. */
  readonly share: (share: number) => void;
}

/**
 * A long measurement with a button that starts it, one that cancels it and a bar; what goes wrong stands where its facts do.
 * @param id of the elements: `explain`, say, for `explain-start`
 * @param enabled whether there is something to measure
 */
export function cancellable(id: string, enabled: boolean, work: (progress: Progress) => Promise<void>): void {
  const start = byId(`${id}-start`) as HTMLButtonElement;
  const cancel = byId(`${id}-cancel`) as HTMLButtonElement;
  const bar = byId(`${id}-progress`) as HTMLProgressElement;
  let controller: AbortController | null = null;
  start.disabled = !enabled;
  cancel.addEventListener("click", () => controller?.abort());
  start.addEventListener("click", async () => {
    controller = new AbortController();
    [start.disabled, cancel.disabled, bar.hidden, bar.value] = [true, false, false, 0];
    const share = (done: number): void => {
      bar.value = done;
    };
    await work({ signal: controller.signal, share }).catch((error: unknown) => {
      byId(`${id}-facts`).textContent = error instanceof Error ? error.message : String(error);
    });
    [start.disabled, cancel.disabled, bar.hidden] = [false, true, true];
  });
}
