import type { Device } from "../../../src/index.js";
import { choice } from "../../page/choice.js";
import { byId } from "../../page/figure.js";
import type { App } from "../app.js";
import { remember, remembered } from "../permalink.js";

const names = { cpu: "CPU", gpu: "GPU" } as const;

/**
 * What computes: the CPU, or the GPU where the browser has one for the worker.
 * @param ready is called when the models are where they were asked to be
 */
export async function deviceSection(app: App, ready: () => void): Promise<void> {
  const note = byId("device-note");
  const show = (device: Device): void => {
    choice(byId("device-choice"), "computed on", Object.entries(names) as [Device, string][], move, device);
    remember("device", device === "cpu" ? null : device);
  };
  const move = async (device: Device): Promise<void> => {
    note.textContent =
      device === "gpu" ? "Moving the models to the GPU; its kernels are compiled at their first use." : "";
    try {
      ({ computer: app.computer } = await app.remote.ask("open", { runs: app.data.runs, device }));
      show(device);
      note.textContent =
        device === "gpu"
          ? `Computed on ${app.computer.name}: ${app.computer.adapter}. Training in the page stays on the CPU.`
          : "";
    } catch (error) {
      show("cpu");
      note.textContent = `There is no GPU for this page, so it stays on the CPU. ${error instanceof Error ? error.message : error}`;
    }
    ready();
  };
  show(remembered("device") === "gpu" ? "gpu" : "cpu");
  if (remembered("device") === "gpu") await move("gpu");
  else ready();
}
