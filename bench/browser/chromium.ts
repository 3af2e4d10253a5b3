import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { DeviceError } from "backflow";
import { chromium, type Page } from "playwright-core";
import sirv from "sirv";
import { PEERS_PATH } from "../engines/browser-peers.js";
import { peersFolder } from "../engines/peer-process.js";
import { INFINITE, parseJson } from "../report/json.js";
import { root } from "../report/machine.js";
import type { BenchReport } from "../report/report.js";
import type { Measuring, MeasuringEvents } from "../runner/measuring.js";
import type { LabEvents, LabOptions, LabRun } from "./lab.js";

/** A browser may take so long to close: milliseconds. */
const CLOSING = 5000;

const path = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** SwiftShader in place of a GPU, for WebGL and for WebGPU. */
const software = ["--use-webgpu-adapter=swiftshader", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
const always = ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--no-first-run", "--disable-component-update"];

/** Serves the kernel lab, and the other engines beside it, with the headers that shared memory needs: without them WebAssembly has one thread. */
async function serveLab(): Promise<{ url: string; close(): void }> {
  const page = readFileSync(join(root, "dist/web/lab.html"));
  const peers = sirv(peersFolder, { dev: true });
  const server = createServer((request, response) => {
    if (request.url?.startsWith(`${PEERS_PATH}/`)) {
      request.url = request.url.slice(PEERS_PATH.length);
      peers(request, response, () => void response.writeHead(404).end());
      return;
    }
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

/** The kernel lab in headless Chromium. `softwareGpu` has SwiftShader draw and compute: slow, but there on every machine. */
export async function openLab(softwareGpu: boolean): Promise<{ page: Page; close(): Promise<void> }> {
  if (!existsSync(path)) throw new DeviceError(`there is no Chromium at ${path}: set CHROMIUM to where it is`);
  const server = await serveLab();
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({
    executablePath: path,
    // Ctrl-C is for the benchmark, which closes it.
    handleSIGINT: false,
    args: [...always, ...(softwareGpu ? software : []), ...asRoot],
  });
  const page = await browser.newPage();
  await page.goto(server.url);
  const close = async (): Promise<void> => {
    await browser.close();
    server.close();
  };
  return { page, close };
}

/** What the page puts there (web/lab/main.ts), and the function exposed below. */
interface LabWindow {
  runLab(options: LabOptions, events: LabEvents): Promise<LabRun>;
  stopLab(): void;
  tellCommand(kind: "progress" | "ready" | "results", json: string): void;
}

/** Measures in headless Chromium, in the kernel lab's page. What cannot be had there is a DeviceError of one line. */
export function measureInChromium(
  options: LabOptions,
  softwareGpu: boolean,
  { onProgress, onReady, onProblem }: MeasuringEvents,
): Measuring {
  const lab = openLab(softwareGpu);
  const parts = {
    progress: (text: string) => onProgress(parseJson(text)),
    ready: (text: string) => onReady(parseJson(text)),
    results: (text: string) => onProblem(parseJson(text)),
  };
  const measured = async (): Promise<BenchReport> => {
    const { page } = await lab;
    await page.exposeFunction("tellCommand", (kind: keyof typeof parts, json: string) => parts[kind](json));
    const text = await page.evaluate(
      async ([given, infinite]) => {
        const here = globalThis as unknown as LabWindow;
        const json = (value: unknown): string =>
          JSON.stringify(value, (_, one) => (one === Number.POSITIVE_INFINITY ? infinite : one));
        const { report } = await here.runLab(given, {
          onProgress: (progress) => here.tellCommand("progress", json(progress)),
          onReady: (ready) => here.tellCommand("ready", json(ready)),
          onProblem: (_, results) => here.tellCommand("results", json(results)),
        });
        return json(report);
      },
      [options, INFINITE] as const,
    );
    return parseJson(text);
  };
  const report = measured().catch((cause: unknown) => {
    if (cause instanceof DeviceError) throw cause;
    // The first line says what; the rest is the page's stack.
    const [message] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw new DeviceError(`in Chromium: ${message.replace(/^page\.evaluate: (\w*Error: )?/, "")}`, { cause });
  });
  return {
    report,
    stop: () => {
      lab
        .then(({ page }) => page.evaluate(() => (globalThis as unknown as LabWindow).stopLab()))
        // It has ended already.
        .catch(() => {});
    },
    kill: async () => {
      // A page that hangs is killed at this process's end, with its browser.
      await Promise.race([lab.then(({ close }) => close()).catch(() => {}), setTimeout(CLOSING)]);
      report.catch(() => {});
    },
  };
}
