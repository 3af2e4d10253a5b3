import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureInChromium, openLab } from "../../../bench/browser/chromium.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const found = existsSync(CHROMIUM);
if (!found) console.log(`skipped: the kernel lab, because there is no ${CHROMIUM} (set CHROMIUM to its path)`);

describe.skipIf(!found)("the kernel lab in Chromium", () => {
  let lab: Awaited<ReturnType<typeof openLab>>;
  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.js"]);
    lab = await openLab(true);
  }, 120_000);
  afterAll(() => lab?.close());

  it("runs what was chosen and shows the times, the kernel and its GLSL", async () => {
    const { page } = lab;
    await page.waitForSelector("#run:enabled");
    await page.selectOption("#suite select", "tanh");
    await page.fill("#asked-sizes", "64, 128");
    await page.fill("#asked-variants", "default");
    for (const name of ["gpu webasm", "gpu cpu", "gpu webgpu"]) await page.uncheck(`input[name="${name}"]`);
    expect(await page.isDisabled('input[name="gpu webgl2"]')).toBe(false);
    await page.click("#run");
    await page.waitForSelector("#table table", { timeout: 50_000 });
    expect(await page.textContent("#table")).toContain("gpu webgl2");
    expect(await page.locator("tr.failure").count()).toBe(0);
    await page.waitForSelector("div#sizes svg");
    await page.selectOption("#program select", "gpu webgl2: map:tanh");
    expect(await page.textContent("#source")).toContain("thread.x");
    expect(await page.textContent("#generated")).toMatch(/#version 300 es[\s\S]*void main/);
  });

  it("says what is wrong with the sizes instead of running", async () => {
    await lab.page.fill("#asked-sizes", "64, many");
    await lab.page.click("#run");
    expect(await lab.page.textContent("#failure")).toBe('sizes are whole numbers from 1 on, not "64, many"');
  });

  it("gives its report to the command, with threads, and a kernel that is NaN far out as wrong", async () => {
    const options = {
      suites: ["tanh"],
      sizes: [200],
      device: ["wasm", "gpu"],
      mode: ["webgl2"],
      threads: [2],
      variant: ["default", "builtIn"],
      rounds: 1,
      seconds: 0.005,
      limit: 2,
      seed: 1,
    } as const;
    const told: string[] = [];
    const measuring = measureInChromium(options, true, {
      onProgress: () => {},
      onReady: ({ devices }) => told.push(...devices.map(({ name }) => name)),
      onProblem: (found) => told.push(...found.map(({ variant }) => variant)),
    });
    const { results } = await measuring.report;
    await measuring.kill();
    expect(told).toEqual(["wasm ×2", "gpu webgl2", "default", "default", "builtIn"]);
    expect(results.map(({ device, variant, status }) => [device, variant, status])).toEqual([
      ["wasm ×2", "default", "timed"],
      ["gpu webgl2", "default", "timed"],
      ["gpu webgl2", "builtIn", "wrong"],
    ]);
    expect(results[2].error?.ulp).toBe(Number.POSITIVE_INFINITY);
  });
});
