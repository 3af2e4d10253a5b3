import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fillPage } from "../../../bench/report/report-file.js";
import { report, timed } from "./sample-report.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const found = existsSync(CHROMIUM);
if (!found) console.log(`skipped: the benchmark's page, because there is no ${CHROMIUM} (set CHROMIUM to its path)`);

const sample = report([
  timed({ device: "wasm", ms: 1, problem: "NN 16·16·16", size: 16 }),
  timed({ device: "wasm", ms: 8, problem: "NN 32·32·32", size: 32 }),
  timed({ device: "gpu webgpu", ms: 4, problem: "NN 16·16·16", size: 16 }),
  timed({ device: "gpu webgpu", ms: 4, problem: "NN 32·32·32", size: 32 }),
  {
    ...timed({ device: "gpu cpu", ms: 1, problem: "NN 16·16·16", size: 16 }),
    status: "wrong",
    reason: "c[3] = </script>, truth 2",
    phases: null,
    error: { ulp: Number.POSITIVE_INFINITY, bound: 4 },
  },
]);

describe.skipIf(!found)("the benchmark's page in Chromium", () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.js"]);
    folder = mkdtempSync(join(tmpdir(), "backflow-bench-"));
    const file = join(folder, "bench.html");
    writeFileSync(file, fillPage("dist/web/bench.html", sample));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
    page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector("#times svg");
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  it("says where it was measured, and draws without a complaint", async () => {
    expect(await page.textContent("#facts")).toContain("commit 0123456789ab");
    expect(complaints).toEqual([]);
  });

  it("has a dot on the roofline for every kernel of the chosen device", async () => {
    await page.selectOption("#device-choice select", "wasm");
    expect(await page.locator('#roofline [aria-label="dot"] path').count()).toBe(2);
  });

  it("shows the crossover, and a wrong candidate in words without a time", async () => {
    expect(await page.textContent("#crossovers")).toContain("from about 25 on");
    expect(await page.locator("#times [aria-label='dot'] circle").count()).toBe(2);
    expect(await page.textContent("tr.failure")).toContain("WRONG: c[3] = </script>, truth 2");
  });
});
