import { rmSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { studySentence } from "../../src/index.js";
import { chromiumMissing, openChromium } from "../kernels/gpu/chromium.js";
import { CHROMIUM, choose, column, expectNear, pairs, type WrittenPage, writeStudyPage } from "./study-page.js";

describe.skipIf(chromiumMissing() !== null)("the study page on a GPU", () => {
  let browser: Browser;
  let written: WrittenPage;
  beforeAll(async () => {
    written = await writeStudyPage();
    browser = await openChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    if (written) rmSync(written.folder, { recursive: true });
  });

  const open = async (from: Browser, hash = ""): Promise<{ page: Page; complaints: string[] }> => {
    const page = await from.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(written.url + hash);
    await page.waitForSelector("#compare-1 svg");
    return { page, complaints };
  };

  it("shows the library's numbers in WebGL2, a cell's arithmetic too, and keeps the choice in its address", async () => {
    const { page, complaints } = await open(browser, "#device=gpu");
    const { model, vocabularies } = written.runs[0];
    const study = await studySentence(model, vocabularies, { source: pairs[0].source });
    await page.waitForFunction(() =>
      /on the GPU \(webgl2\)$/.test(document.querySelector("#sentence-facts")!.textContent!),
    );
    expect(await page.locator("#device-note").textContent()).toMatch(/^Computed on the GPU \(webgl2\): .+/);
    expect(page.url()).toContain("device=gpu");
    expect(await page.locator("#sentence-translation").textContent()).toBe(
      study.target.slice(0, -1).join(" ") || "(nothing)",
    );
    for (const [quantity, matrix] of Object.entries({
      alpha: study.alpha!,
      alphaBar: study.alphaBar!,
      eBar: study.eBar!,
    })) {
      await choose(page, "quantity", quantity);
      expectNear(await column(page, "alignment", quantity), matrix.flat());
    }
    expectNear(await column(page, "loss-influence", "K"), study.influence.flat());
    await page.locator('#alignment [aria-label="cell"] rect').nth(1).click();
    await page.waitForSelector(".arithmetic");
    await choose(page, "computed on", "cpu");
    await page.waitForFunction(() => document.querySelector("#sentence-facts")!.textContent!.endsWith("on the CPU"));
    expect(page.url()).not.toContain("device");
    expect(complaints).toEqual([]);
  });

  it("stays on the CPU and says so where there is no GPU", async () => {
    const without = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-software-rasterizer"],
    });
    const { page } = await open(without);
    await choose(page, "computed on", "gpu");
    await page.waitForFunction(() =>
      document.querySelector("#device-note")!.textContent!.startsWith("There is no GPU"),
    );
    expect(await page.locator("#device-note").textContent()).toContain("no WebGL2 context can be made");
    expect(await page.locator('#device-choice input[value="cpu"]').isChecked()).toBe(true);
    expect(await page.locator("#alignment svg").count()).toBeGreaterThan(0);
    await without.close();
  });
});
