import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grammarCorpus, type MeasuredSentence, measureSentence } from "../../src/index.js";
import { makeRunFiles } from "./run-files.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const found = existsSync(CHROMIUM);
if (!found) console.log(`skipped: SVG files in a browser, because there is no ${CHROMIUM} (set CHROMIUM to its path)`);

const corpus = grammarCorpus({ seed: 3, train: 300, validation: 0, test: 20, maxLength: 8 });
const source = [...corpus.test[0].source.slice(0, -1), '<&">', "."];

describe.skipIf(!found)("the plots of a sentence as SVG files, drawn in Node and opened in Chromium", () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  let measured: MeasuredSentence;
  let files: Record<string, string>;
  const requests: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.js"]);
    const runs = await makeRunFiles(corpus.train);
    const [{ model, vocabularies }, rival] = runs;
    measured = await measureSentence(model, vocabularies, { source }, rival.model);
    const { drawSentence } = await import(pathToFileURL(resolve("dist/web/svg.js")).href);
    files = drawSentence(measured);
    folder = mkdtempSync(join(tmpdir(), "backflow-svg-"));
    for (const [name, svg] of Object.entries(files)) writeFileSync(join(folder, name), svg);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    page = await browser.newPage();
    page.on("request", (request) => requests.push(request.url()));
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** Opens a file by itself; what the browser's XML parser made of it. */
  const open = async (name: string) => {
    await page.goto(pathToFileURL(join(folder, name)).href);
    return page.evaluate(() => ({
      root: document.documentElement.tagName,
      error: document.querySelector("parsererror")?.textContent,
      text: [...document.querySelectorAll("text")].map((element) => element.textContent ?? ""),
      cells: document.querySelectorAll('[aria-label="cell"] rect').length,
      bars: document.querySelectorAll('[aria-label="bar"] rect').length,
    }));
  };

  it("are well-formed, have a title, and are what they claim without any other file", async () => {
    expect(Object.keys(files).length).toBe(12);
    for (const [name, svg] of Object.entries(files)) {
      const { root, error, text } = await open(name);
      expect([name, root, error]).toEqual([name, "svg", undefined]);
      expect(text[0].length, name).toBeGreaterThan(10);
      expect(svg, name).not.toMatch(/var\(--|href="(?!#)|currentcolor;/);
    }
    expect(requests.filter((address) => !address.startsWith("file:"))).toEqual([]);
    expect(requests.length).toBe(12);
  });

  it("have a cell for every pair of words, with both languages' words and the unit", async () => {
    const { study } = measured;
    const { cells, text } = await open("alignment-score-gradient.svg");
    expect(cells).toBe(study.source.length * study.target.length);
    expect(text).toEqual(expect.arrayContaining([...study.source, ...study.target, "gradient of the score ē (nats)"]));
    expect((await open("entry-points.svg")).cells).toBe(study.source.length ** 2);
  });

  it("have a bar for every word and path, the axis and a legend", async () => {
    const { bars, text } = await open("path-shares.svg");
    expect(bars).toBe(4 * source.length + 4);
    const legend = ["value", "score", "bridge", "recurrence"];
    expect(text).toEqual(expect.arrayContaining([...legend, "↑ share of the gradient", ...source]));
    expect((await open("decay.svg")).text).toEqual(
      expect.arrayContaining(["as it is", "no attention", "distance (recurrent steps)"]),
    );
  });
});
