import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  attentionCell,
  type BeamStep,
  cut,
  decay,
  decode,
  encodePairs,
  gateSplit,
  grammarCorpus,
  renderStudyPage,
  type SentenceStudy,
  studySentence,
} from "../../src/index.js";
import { madeUpReport } from "./report-data.js";
import { makeRunFiles } from "./run-files.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const found = existsSync(CHROMIUM);
if (!found) console.log(`skipped: the study in a browser, because there is no ${CHROMIUM} (set CHROMIUM to its path)`);

const corpus = grammarCorpus({ seed: 3, train: 300, validation: 0, test: 20, maxLength: 8 });
const pairs = corpus.test.slice(0, 8);
const [pair] = pairs;

describe.skipIf(!found)("the study page in Chromium", () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  let url: string;
  let runs: Awaited<ReturnType<typeof makeRunFiles>>;
  /** What the library says of the first sentence, with the model's own translation as target. */
  let study: SentenceStudy;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.js"]);
    runs = await makeRunFiles(corpus.train);
    const { model, vocabularies } = runs[0];
    study = await studySentence(model, vocabularies, { source: pair.source });
    folder = mkdtempSync(join(tmpdir(), "backflow-study-"));
    const file = join(folder, "study.html");
    const { summary } = madeUpReport();
    const data = { runs: runs.map(({ files }) => files), sentences: pairs, summary };
    writeFileSync(file, renderStudyPage(readFileSync("dist/web/study.html", "utf8"), data));
    url = pathToFileURL(file).href;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(url);
    await page.waitForSelector("#compare-1 svg");
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  const choose = (label: string, value: string): Promise<void> =>
    page.locator(`fieldset:has(legend:text-is("${label}")) input[value="${value}"]`).check({ force: true });

  /** The page computes in float32, maybe with fused multiply-add: the library's numbers to a few digits. */
  const expectNear = (actual: readonly number[], expected: readonly number[]): void => {
    expect(actual.length).toBe(expected.length);
    const size = Math.max(...expected.map(Math.abs));
    expected.forEach((value, i) => {
      expect(Math.abs(actual[i] - value)).toBeLessThan(1e-4 * size + 1e-7);
    });
  };

  /** A figure's numbers by its own CSV. */
  const csv = async (figure: string): Promise<Record<string, string>[]> => {
    const download = page.waitForEvent("download");
    await page.locator(`#${figure} .downloads button`, { hasText: "CSV" }).click();
    const text = readFileSync(await (await download).path(), "utf8");
    const [head, ...lines] = text
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
    return lines.map((fields) => Object.fromEntries(fields.map((field, i) => [head[i], field])));
  };
  const column = async (figure: string, name: string): Promise<number[]> =>
    (await csv(figure)).map((row) => Number(row[name]));

  const settled = async (text: string): Promise<void> => {
    await page.locator("#sentence-input").fill(text);
    const words = text.split(" ").length + 1;
    await page.waitForFunction(
      (count) => document.querySelectorAll("#compare-1 [aria-label='bar'] rect").length === 4 * count,
      words,
    );
  };

  it("shows every section from disk, asks no other host, has nothing to complain about", async () => {
    const plots = [
      "alignment",
      "path-shares",
      "path-norms",
      "entry-points",
      "mean-distance",
      "decay",
      "loss-influence",
    ];
    for (const id of [...plots, "loss-stateInfluence", "loss-alpha", "cut-norms", "cut-shares", "by-length"]) {
      await page.waitForSelector(`#${id} svg`);
    }
    expect(await page.locator("#failure").isHidden()).toBe(true);
    expect(complaints).toEqual([]);
    expect(requests.filter((address) => !/^(file|data|blob):/.test(address))).toEqual([]);
  });

  it("says what the library's decoder says, as it is typed, and marks unknown words", async () => {
    const { model, vocabularies } = runs[0];
    const source = [...pair.source.slice(0, -1), "xylophone", "."];
    await settled(source.join(" "));
    const [{ tokens }] = await decode(model, [vocabularies.source.encode(source)]);
    expect(await page.locator("#sentence-translation").textContent()).toBe(
      vocabularies.target.decode(tokens).join(" ") || "(nothing)",
    );
    expect(await page.locator("#sentence-read mark").allTextContents()).toEqual(["xylophone"]);
    await settled(pair.source.join(" "));
  });

  it("shows the beam as a tree, its branches as the library's search kept them", async () => {
    const { model, vocabularies } = runs[0];
    await choose("decoding", "5");
    await page.waitForSelector("#beam svg");
    const kept: BeamStep[] = [];
    const onStep = (_: number, step: readonly BeamStep[]) => void kept.push(...step);
    await decode(model, [vocabularies.source.encode(pair.source)], { beam: 5, onStep });
    const rows = await csv("beam");
    expect(rows.map(({ word }) => word)).toEqual(kept.map(({ token }) => vocabularies.target.token(token)));
    expectNear(
      rows.map((row) => Number(row.logProbability)),
      kept.map(({ logProbability }) => logProbability),
    );
    await choose("decoding", "1");
    await page.waitForFunction(() => document.querySelectorAll("#beam svg").length === 0);
    await settled(pair.source.join(" "));
  });

  it("shows the library's α, ᾱ, ē and αᾱ", async () => {
    const expected = {
      alpha: study.alpha!,
      alphaBar: study.alphaBar!,
      eBar: study.eBar!,
      product: study.alpha!.map((row, t) => row.map((weight, j) => weight * study.alphaBar![t][j])),
    };
    for (const [quantity, matrix] of Object.entries(expected)) {
      await choose("quantity", quantity);
      expectNear(await column("alignment", quantity), matrix.flat());
    }
    await choose("quantity", "alpha");
  });

  it("shows the library's paths, influences and slopes", async () => {
    const { model, vocabularies } = runs[0];
    const { value, score, bridge, recurrence } = study.paths;
    const shares = study.source.flatMap((_, j) => [value[j], score[j], bridge[j], recurrence[j]]);
    expectNear(await column("path-shares", "share"), shares);
    const [encoded] = encodePairs(
      [{ source: pair.source, target: study.target.slice(0, -1) }],
      vocabularies.source,
      vocabularies.target,
    );
    const split = await gateSplit(model, encoded);
    expectNear(
      await column("path-gates", "norm"),
      split.gates.flatMap((gate) => split.norms[gate]),
    );
    expectNear(await column("loss-influence", "K"), study.influence.flat());
    expectNear(await column("loss-stateInfluence", "G"), study.stateInfluence.flat());
    const { slope } = await decay(model, encoded);
    const told = await page.locator("#slopes").textContent();
    expectNear([Number(/as it is: (\S+)/.exec(told!)![1])], [slope]);
  });

  it("opens a cell's arithmetic by click and by keyboard, with its numbers and the code that computes them", async () => {
    const { model, vocabularies } = runs[0];
    const [encoded] = encodePairs(
      [{ source: pair.source, target: study.target.slice(0, -1) }],
      vocabularies.source,
      vocabularies.target,
    );
    const cell = page.locator('#alignment [aria-label="cell"] rect');
    await cell.nth(1).click();
    await page.waitForSelector(".arithmetic");
    const expected = attentionCell(model, encoded, 0, 1);
    const line = await page.locator(".arithmetic li").nth(3).locator("code").textContent();
    expectNear([Number(/= (\S+)$/.exec(line!)![1])], [expected.weights[1]]);
    expect(await page.locator(".arithmetic pre").nth(1).textContent()).toContain("additiveScore");
    await cell.nth(0).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      (word) => document.querySelector(".arithmetic h3")?.textContent?.startsWith(`${word} `),
      pair.source[2],
    );
  });

  it("cuts with scalpels: the numbers are those of the library with the same cut", async () => {
    await page.locator('#scalpel-choice input[value="recurrence"]').check();
    const { model, vocabularies } = runs[0];
    const target = study.target.slice(0, -1);
    const after = await studySentence(
      model,
      vocabularies,
      { source: pair.source, target },
      { change: cut("recurrence") },
    );
    await expect.poll(async () => (await column("cut-norms", "difference")).some((x) => x !== 0)).toBe(true);
    expectNear(await column("cut-norms", "before"), study.paths.total);
    expectNear(await column("cut-norms", "after"), after.paths.total);
  });

  it("keeps what it shows in its address", async () => {
    await choose("quantity", "eBar");
    const address = new URLSearchParams(new URL(page.url()).hash.slice(1));
    expect(Object.fromEntries(address)).toMatchObject({
      sentence: pair.source.join(" "),
      quantity: "eBar",
      cuts: "recurrence",
    });
    const other = await browser.newPage();
    await other.goto(page.url());
    await other.waitForSelector("#alignment svg");
    expect(await other.locator('input[value="eBar"]').isChecked()).toBe(true);
    expect(await other.locator('#scalpel-choice input[value="recurrence"]').isChecked()).toBe(true);
    await other.close();
    await page.locator('#scalpel-choice input[value="recurrence"]').uncheck();
  });

  it("measures test sentences with progress, and stops when told", async () => {
    await page.locator("#explain-count").fill("2");
    await page.locator("#explain-start").click();
    await page.waitForFunction(() => document.querySelector("#explain-facts")!.textContent!.startsWith("2 sentences"));
    expect(new Set((await csv("erasure")).map(({ order }) => order))).toEqual(
      new Set(["attention", "gradient", "product", "random"]),
    );
    await page.locator("#explain-count").fill("8");
    await page.locator("#explain-start").click();
    await page.locator("#explain-cancel").click();
    await page.waitForFunction(() => !(document.querySelector("#explain-start") as HTMLButtonElement).disabled);
    expect(await page.locator("#explain-facts").textContent()).not.toMatch(/^8 sentences/);
  });

  it("trains 20 steps in the page: the loss falls, the film has its pictures", async () => {
    await page.locator("#train-go").click();
    await page.waitForFunction(() => Number((document.querySelector("#film-slider") as HTMLInputElement).max) >= 1);
    await page.locator("#train-pause").click();
    await page.waitForFunction(() => !(document.querySelector("#train-go") as HTMLButtonElement).disabled);
    const losses = await column("train-loss", "loss");
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    await page.locator("#film-slider").fill("0");
    expect(await page.locator("#film-step").textContent()).toBe("step 1");
    expect(await page.locator("#film-alpha svg").count()).toBeGreaterThan(0);
  });

  it("answers typing while it trains", async () => {
    await page.locator("#train-go").click();
    await settled(pairs[1].source.join(" "));
    await page.locator("#train-pause").click();
    expect(await page.locator("#path-shares [aria-label='bar'] rect").count()).toBe(4 * (pairs[1].source.length + 1));
  });

  it("fits a phone's width, in the dark, without a complaint", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 800 });
    await page.waitForFunction(() => document.querySelector("#decay svg")!.clientWidth < 390);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(complaints).toEqual([]);
    expect(requests.filter((address) => !/^(file|data|blob):/.test(address))).toEqual([]);
  });
});
