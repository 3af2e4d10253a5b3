import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.js";
import { chromiumMissing, openChromium, serve } from "./chromium.js";

const missing = chromiumMissing();
const root = fileURLToPath(new URL("../../..", import.meta.url));

describe.skipIf(missing !== null)("examples/browser in Chromium", () => {
  let browser: Browser;
  const closing: (() => void)[] = [];
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    for (const close of closing) close();
  });

  /** Opens the page, waits until it has learned, and gives what it says. */
  async function outcome(url: string): Promise<{ device: string; done: string | null; complaints: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(url);
    await page.waitForFunction("document.body.dataset.done !== undefined", null, { timeout: 120_000 }).catch(() => {});
    const device = (await page.textContent("#device")) ?? "";
    const done = await page.getAttribute("body", "data-done");
    await page.close();
    return { device, done, complaints };
  }

  it("learns the same on the GPU as on the CPU, as a plain page over the built library", async () => {
    const server = await serve(root);
    closing.push(server.close);
    const { device, done, complaints } = await outcome(`${server.url}examples/browser/`);
    expect(complaints).toEqual([]);
    expect(device).toMatch(/^webgpu on /);
    expect(done).toBe("true");
  }, 150_000);

  it("does so in a minified production build by Vite", async () => {
    const folder = await bundle("examples/browser/index.html", "browser");
    const server = await serve(folder);
    closing.push(server.close, () => rmSync(folder, { recursive: true }));
    const { device, done, complaints } = await outcome(server.url);
    expect(complaints).toEqual([]);
    expect(device).toMatch(/^webgpu on /);
    expect(done).toBe("true");
  }, 150_000);
});
