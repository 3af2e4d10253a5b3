import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderReport } from "../../src/study/report.js";
import { exact } from "../../web/plots/theme.js";
import { madeUpReport } from "./report-data.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const found = existsSync(CHROMIUM);
if (!found) console.log(`skipped: the report in a browser, because there is no ${CHROMIUM} (set CHROMIUM to its path)`);

const data = madeUpReport();
const [study, withoutAttention, long] = data.studies;

describe.skipIf(!found)("the report in Chromium", () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.js"]);
    folder = mkdtempSync(join(tmpdir(), "backflow-report-"));
    const file = join(folder, "report.html");
    writeFileSync(file, renderReport(readFileSync("dist/web/report.html", "utf8"), data));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector("#path-norms svg");
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** Points at the middle of an element and gives the plot's tooltip. */
  const tooltip = async (figure: string, selector: string, index: number): Promise<string> => {
    const element = page.locator(`${figure} ${selector}`).nth(index);
    await element.scrollIntoViewIfNeeded();
    const box = (await element.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    return await page.locator(`${figure} [aria-label="tip"] text`).last().innerHTML();
  };

  const choose = (label: string, value: string): Promise<void> =>
    page.locator(`fieldset:has(legend:text-is("${label}")) input[value="${value}"]`).check({ force: true });

  it("shows every section, asks no other host for anything, and has nothing to complain about", async () => {
    for (const id of ["loss", "gradient-norm", "by-length", "alignment", "path-shares", "path-norms"]) {
      expect(await page.locator(`#${id} svg [aria-label] >> nth=0`).count(), id).toBe(1);
    }
    expect(await page.locator("#summary td").count()).toBe(18);
    expect(await page.locator("math").count()).toBeGreaterThan(15);
    expect(requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
    expect(requests.length).toBe(1);
    expect(complaints).toEqual([]);
  });

  it("takes a run's name as text, never as markup", async () => {
    expect(await page.locator("#run-name").textContent()).toBe(data.summary.name);
    expect(await page.locator("#injected").count()).toBe(0);
  });

  it("prints the summary's numbers in the table", async () => {
    const rows = await page.locator("#summary tr").allInnerTexts();
    expect(rows[1].split("\t")).toEqual(["exact match", "97.0 %", "52.0 %"]);
    expect(rows[3].split("\t")).toEqual(["alignment error rate", "0.123", "—"]);
    expect(await page.locator("#summary tr:nth-child(3) span").first().getAttribute("title")).toBe("0.123457");
    expect(rows[5].split("\t")).toEqual(["parameters", "183,412", "171,060"]);
  });

  it("marks the words in which a translation differs from the reference", async () => {
    expect(await page.locator("#examples dl:nth-child(1) mark").allTextContents()).toEqual(["学校", "只", "猫"]);
  });

  it("shows each metric by length with the bucket's number in the tooltip", async () => {
    const bucket = data.summary.models[1].byLength[2];
    for (const [metric, shown] of [
      ["exactMatch", `exact match: ${exact(100 * bucket.exactMatch)} %`],
      ["bleu", `BLEU: ${exact(100 * bucket.bleu)}`],
    ]) {
      await choose("metric", metric);
      const text = await tooltip("#by-length", '[aria-label="dot"] circle', 6 + 2);
      expect(text).toContain("RNNencdec, 11–15 words, 100 sentences");
      expect(text).toContain(shown);
    }
    await choose("metric", "alignmentErrorRate");
    expect(await page.locator('#by-length [aria-label="dot"] circle').count()).toBe(6);
  });

  it("switches the heatmap between α, ᾱ, ē and αᾱ, with each cell's number in its tooltip", async () => {
    const [t, j] = [4, 1];
    const { alpha, alphaBar, eBar, source } = study;
    const numbers = {
      alpha: ["α", alpha![t][j]],
      alphaBar: ["ᾱ", alphaBar![t][j]],
      eBar: ["ē", eBar![t][j]],
      product: ["αᾱ", alpha![t][j] * alphaBar![t][j]],
    } as const;
    for (const [quantity, [symbol, value]] of Object.entries(numbers)) {
      await choose("quantity", quantity);
      const text = await tooltip("#alignment", '[aria-label="cell"] rect', t * source.length + j);
      expect(text).toContain("chased → 追");
      expect(text).toContain("gold link");
      expect(text).toContain(`${symbol} = ${exact(value)}`);
    }
    await choose("quantity", "alpha");
  });

  /** Figures are drawn one a frame, so a choice shows a little later. */
  const drawn = (figure: string, text: string): Promise<void> =>
    expect.poll(() => page.locator(figure).textContent(), { timeout: 10_000 }).toContain(text);

  it("paints zero white and a gradient's sign blue or orange", async () => {
    await choose("quantity", "eBar");
    await drawn("#alignment", "gradient of the score");
    const fills = await page
      .locator('#alignment [aria-label="cell"] rect')
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).fill.match(/\d+/g)!.map(Number)));
    study.eBar!.flat().forEach((value, index) => {
      const [red, , blue] = fills[index];
      expect(Math.sign(red - blue) * Math.sign(value), `${value} is ${fills[index]}`).toBeGreaterThanOrEqual(0);
      if (Math.abs(value) < 1e-4) expect(Math.min(...fills[index])).toBeGreaterThan(245);
    });
  });

  it("stacks the four shares of a word to 1", async () => {
    const rects = await page
      .locator('#path-shares [aria-label="bar"] rect')
      .evaluateAll((bars) =>
        bars.map((bar) => ({ y: Number(bar.getAttribute("y")), height: Number(bar.getAttribute("height")) })),
      );
    expect(rects.length).toBe(4 * study.source.length);
    const [zero, one] = await page
      .locator('#path-shares [aria-label="rule"] line')
      .evaluateAll((rules) => rules.map((rule) => Number(rule.getAttribute("y1"))));
    const signed = rects.reduce((sum, { y, height }) => sum + (y + height / 2 < zero ? height : -height), 0);
    expect(signed / (zero - one)).toBeCloseTo(study.source.length, 6);
    const text = await tooltip("#path-shares", '[aria-label="bar"] rect', 1);
    expect(text).toMatch(/, by (value|score|bridge|recurrence)/);
  });

  it("tints the other language's words when one is pointed at or tabbed to", async () => {
    const numbers = (row: number) =>
      page
        .locator("#influence .words")
        .nth(row)
        .locator(".word")
        .evaluateAll((words) => words.map((word) => (word as HTMLElement).title));
    const target = page.locator("#influence .words").nth(1).locator(".word");
    // Again until it is drawn: a figure that is drawn anew forgets what was pointed at.
    const seen = (point: () => Promise<void>, row: number) =>
      expect.poll(
        async () => {
          await point();
          return numbers(row);
        },
        { timeout: 10_000 },
      );
    await seen(() => target.nth(4).hover(), 0).toEqual(study.influence[4].map((value) => `K = ${exact(value)}`));
    await choose("influence", "stateInfluence");
    const source = page.locator("#influence .words").nth(0).locator(".word");
    await seen(async () => {
      await source.nth(1).focus();
      await source.nth(2).focus();
    }, 1).toEqual(study.stateInfluence.map((row) => `G = ${exact(row[2])}`));
  });

  it("shows another sentence, a long one, and a model without attention", async () => {
    await page.locator("#sentence-choice select").selectOption({ index: 1 });
    await drawn("#alignment", "This model has no attention.");
    expect(await page.locator("#influence .words").first().locator(".word").count()).toBe(
      withoutAttention.source.length,
    );
    await page.locator("#sentence-choice select").selectOption({ index: 2 });
    const cells = long.source.length * long.target.length;
    const count = (): Promise<number> => page.locator('#alignment [aria-label="cell"] rect').count();
    await expect.poll(count, { timeout: 10_000 }).toBe(cells);
  });

  it("fits a phone's width and a dark page without a new complaint", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 800 });
    await page.waitForFunction(() => document.querySelector("#by-length svg")!.clientWidth < 390);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(complaints).toEqual([]);
    expect(requests.length).toBe(1);
  });
});
