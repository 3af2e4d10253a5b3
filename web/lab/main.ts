import { availableGpuModes, type GpuMode } from "backflow/kernels";
import {
  browserModes,
  type LabEvents,
  type LabOptions,
  type LabRun,
  type Program,
  runLab,
} from "../../bench/browser/lab.js";
import type { DeviceKind } from "../../bench/runner/devices.js";
import { type SuiteName, suiteNames } from "../../bench/suites/index.js";
import { showReport } from "../bench/show-report.js";
import { dropDown } from "../page/choice.js";
import { byId } from "../page/figure.js";

let suite: SuiteName = suiteNames[0];
const text = (id: string): string => (byId(id) as HTMLInputElement).value.trim();

function fail(error: unknown): void {
  const failure = byId("failure");
  failure.hidden = false;
  failure.textContent = error instanceof Error ? error.message : String(error);
}

function checkbox(name: string, reason: string | null): HTMLElement {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "checkbox";
  input.name = name;
  input.checked = reason === null;
  input.disabled = reason !== null;
  label.append(input, ` ${name}${reason === null ? "" : ` (${reason})`}`);
  return label;
}

function chosenOptions(): LabOptions {
  const sizes = text("asked-sizes")
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new Error(`sizes are whole numbers from 1 on, not "${text("asked-sizes")}"`);
  }
  const names = [...document.querySelectorAll<HTMLInputElement>("#devices input:checked")].map(({ name }) => name);
  const mode = browserModes.filter((one) => names.includes(`gpu ${one}`));
  const device: DeviceKind[] = (["reference", "wasm"] as const).filter((kind) => names.includes(kind));
  if (mode.length > 0) device.push("gpu");
  const variants = text("asked-variants")
    .split(/[\s,]+/)
    .filter(Boolean);
  return {
    suites: [suite],
    sizes: sizes.length > 0 ? sizes : null,
    device,
    mode,
    variant: variants.length > 0 ? variants : undefined,
    rounds: 5,
    seconds: 0.1,
    limit: 2,
    seed: 1,
  };
}

function showPrograms(programs: readonly Program[]): void {
  // The longest first: small helpers have nothing to show.
  const shown = programs
    .filter(({ generated }) => generated !== null)
    .sort((a, b) => b.source.length - a.source.length);
  byId("code").hidden = shown.length === 0;
  const show = ({ source, generated }: Program): void => {
    byId("source").textContent = source;
    byId("generated").textContent = generated;
  };
  if (shown.length === 0) return;
  show(shown[0]);
  dropDown(
    byId("program"),
    "Kernel",
    shown.map(({ device, name }) => `${device}: ${name}`),
    (index) => show(shown[index]),
  );
}

let running: AbortController | null = null;

/** Runs until it is done or stopped. */
async function start(options: LabOptions, events: LabEvents): Promise<LabRun> {
  const controller = new AbortController();
  running = controller;
  const stop = byId("stop") as HTMLButtonElement;
  stop.disabled = false;
  try {
    return await runLab(options, { ...events, signal: controller.signal });
  } finally {
    running = null;
    stop.disabled = true;
  }
}
const stop = (): void => running?.abort();

async function run(): Promise<void> {
  byId("failure").hidden = true;
  const button = byId("run") as HTMLButtonElement;
  const progress = byId("progress");
  button.disabled = true;
  try {
    const { report, programs } = await start(chosenOptions(), {
      onProgress: (now) => {
        progress.textContent = now;
      },
    });
    // Fresh elements: those of an earlier run still redraw the numbers of that run.
    byId("results").replaceChildren((byId("results-template") as HTMLTemplateElement).content.cloneNode(true));
    showReport(report);
    showPrograms(programs);
    progress.textContent = report.interrupted ?? "done";
  } catch (error) {
    progress.textContent = "";
    fail(error);
  } finally {
    button.disabled = false;
  }
}

dropDown(byId("suite"), "Suite", suiteNames, (index) => {
  suite = suiteNames[index];
});
byId("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
byId("stop").addEventListener("click", stop);
// For the benchmark's command, which runs this page in a browser without a window.
Object.assign(globalThis, { runLab: start, stopLab: stop });

availableGpuModes().then((reasons: Record<GpuMode, string | null>) => {
  byId("devices").append(
    checkbox("reference", null),
    checkbox("wasm", null),
    ...browserModes.map((mode) => checkbox(`gpu ${mode}`, reasons[mode])),
  );
  (byId("run") as HTMLButtonElement).disabled = false;
  byId("progress").textContent = "";
}, fail);
