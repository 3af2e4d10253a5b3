import { rmSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, choose, chromiumFound, pairs, settled, type WrittenPage, writeStudyPage } from "./study-page.js";

if (!chromiumFound)
  console.log(`skipped: tasks of the study page, because there is no ${CHROMIUM} (set CHROMIUM to its path)`);

/** Tasks of more than 50 ms, as the browser itself reports them, are printed; how many there are hangs on the machine. */
describe.skipIf(!chromiumFound)("the study page while it is used", () => {
  let browser: Browser;
  let page: Page;
  let written: WrittenPage;
  const told: string[] = [];
  const errors: string[] = [];
  beforeAll(async () => {
    written = await writeStudyPage();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(written.url);
    await page.waitForSelector("#compare-1 svg");
    await page.evaluate(() => {
      const long: number[] = [];
      Object.assign(window, { long });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) long.push(duration);
      }).observe({ type: "longtask" });
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    if (written) rmSync(written.folder, { recursive: true });
    console.log(`tasks of the study page over 50 ms: ${told.join("; ")}`);
  });

  const during = async (what: string, act: () => Promise<void>): Promise<void> => {
    await act();
    await page.waitForTimeout(200);
    const long = await page.evaluate(() => (window as unknown as { long: number[] }).long.splice(0));
    told.push(
      `${what} ${long.length === 0 ? "none" : long.map((duration) => `${Math.round(duration)} ms`).join(", ")}`,
    );
  };

  it("draws in many short tasks: every plot follows typing, clicking, resizing and training", async () => {
    const sentence = pairs[1].source.join(" ");
    await during("typing:", async () => {
      await page.locator("#sentence-input").fill("");
      await page.locator("#sentence-input").pressSequentially(sentence, { delay: 15 });
      await settled(page, sentence);
    });
    await during("hovering:", async () => {
      for (let i = 0; i < 12; i++)
        await page.locator('#alignment [aria-label="cell"] rect').nth(i).hover({ force: true });
    });
    await during("clicking:", async () => {
      for (let i = 0; i < 4; i++)
        await page.locator('#alignment [aria-label="cell"] rect').nth(i).click({ force: true });
      for (const quantity of ["alphaBar", "eBar", "product", "alpha"]) await choose(page, "quantity", quantity);
    });
    await during("resizing:", () => page.setViewportSize({ width: 1000, height: 800 }));
    await during("training:", async () => {
      await page.locator("#train-go").click();
      await page.waitForFunction(() => Number((document.querySelector("#film-slider") as HTMLInputElement).max) >= 1);
      await page.locator("#train-pause").click();
    });
    expect(await page.locator("#path-shares [aria-label='bar'] rect").count()).toBe(4 * (pairs[1].source.length + 1));
    expect(told.length).toBe(5);
    expect(errors).toEqual([]);
  });
});
