import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DeviceError } from "backflow";
import { chromium, type Page } from "playwright-core";
import sirv from "sirv";
import { PEERS_PATH } from "../engines/browser-peers.js";
import { peersFolder } from "../engines/peer-process.js";
import { root } from "../report/machine.js";
import type { BenchReport } from "../report/report.js";
import type { LabOptions, LabRun } from "./lab.js";

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

/** JSON has no Infinity, and so has not what comes out of a page. */
const infinite = "Infinity";

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
  runLab(options: LabOptions, onProgress: (text: string) => void): Promise<LabRun>;
  stopLab(): void;
  onLabProgress(text: string): void;
}

interface ChromiumRun {
  readonly softwareGpu: boolean;
  readonly onProgress: (text: string) => void;
  /** Ends the run in the page early. */
  readonly signal?: AbortSignal;
}

/** Runs suites in headless Chromium, in the kernel lab's page. */
export async function runInChromium(
  options: LabOptions,
  { softwareGpu, onProgress, signal }: ChromiumRun,
): Promise<BenchReport> {
  const { page, close } = await openLab(softwareGpu);
  const stop = (): void => void page.evaluate(() => (globalThis as unknown as LabWindow).stopLab()).catch(() => {});
  signal?.addEventListener("abort", stop);
  try {
    await page.exposeFunction("onLabProgress", onProgress);
    const text = await page.evaluate(
      async ([given, infinity]) => {
        const lab = globalThis as unknown as LabWindow;
        const { report } = await lab.runLab(given, lab.onLabProgress);
        return JSON.stringify(report, (_, value) => (value === Number.POSITIVE_INFINITY ? infinity : value));
      },
      [options, infinite] as const,
    );
    return JSON.parse(text, (key, value) => (key === "ulp" && value === infinite ? Number.POSITIVE_INFINITY : value));
  } catch (cause) {
    // The first line says what; the rest is the page's stack.
    const [message] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw new DeviceError(`in Chromium: ${message.replace(/^page\.evaluate: (\w*Error: )?/, "")}`, { cause });
  } finally {
    signal?.removeEventListener("abort", stop);
    await close();
  }
}
