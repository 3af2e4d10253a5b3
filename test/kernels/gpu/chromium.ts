/** Headless Chromium, and pages for it: a folder served with the headers that shared memory needs. */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright-core";
import sirv from "sirv";

export const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/**
 * Why Chromium cannot be used here, or null. On a developer's machine that is a reason to skip, printed; where CI runs,
 * it is an error.
 */
export function chromiumMissing(): string | null {
  if (existsSync(chromiumPath)) return null;
  const reason = `there is no ${chromiumPath} (set CHROMIUM to its path)`;
  if (process.env.CI) throw new Error(`CI must test the GPU in a browser, but ${reason}`);
  console.log(`skipped: the GPU in a browser, because ${reason}`);
  return reason;
}

/** SwiftShader renders WebGL and WebGPU without a GPU. */
const softwareRendering = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];
const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

export function openChromium(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: chromiumPath, args: [...softwareRendering, ...quiet, ...asRoot] });
}

/** Serves a folder on this machine alone; gives the address and how to stop. */
export async function serve(folder: string): Promise<{ url: string; close: () => void }> {
  const handler = sirv(folder, {
    dev: true,
    setHeaders: (response) => {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    },
  });
  const server: Server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
