import { rmSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  attentionCell,
  type BeamStep,
  cut,
  decay,
  decode,
  encodePairs,
  type Film,
  gateSplit,
  type SentenceStudy,
  studySentence,
} from "../../src/index.js";
import {
  CHROMIUM,
  choose as chooseIn,
  chromiumFound,
  column as columnOf,
  csv as csvOf,
  expectNear,
  pairs,
  settled as settledIn,
  type WrittenPage,
  writeStudyPage,
} from "./study-page.js";

if (!chromiumFound)
  console.log(`skipped: the study in a browser, because there is no ${CHROMIUM} (set CHROMIUM to its path)`);

const [pair] = pairs;

/** α of one word more to the right at every frame. */
const film: Film = {
  sentences: [{ source: ["a", "<eos>"], target: ["甲", "<eos>"], gold: [[0, 0]] }],
  frames: [0, 10, 20].map((step) => ({
    step,
    pictures: [
      {
        alpha: [
          [1 - step / 20, step / 20],
          [0.5, 0.5],
        ],
        eBar: [
          [step, -step],
          [0, 0],
        ],
        paths: {
          value: [1, 0],
          score: [0, 0],
          bridge: [0, 0],
          recurrence: [0, 1],
          norms: { value: [1, 0], score: [0, 0], bridge: [0, 0], recurrence: [0, 1] },
          total: [1, 1],
        },
      },
    ],
  })),
};

describe.skipIf(!chromiumFound)("the study page in Chromium", () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  let url: string;
  let runs: WrittenPage["runs"];
  /** What the library says of the first sentence, with the model's own translation as target. */
  let study: SentenceStudy;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    ({ folder, url, runs } = await writeStudyPage(film));
    const { model, vocabularies } = runs[0];
    study = await studySentence(model, vocabularies, { source: pair.source });
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

  const choose = (label: string, value: string) => chooseIn(page, label, value);
  const csv = (figure: string) => csvOf(page, figure);
  const column = (figure: string, name: string) => columnOf(page, figure, name);
  const settled = (text: string) => settledIn(page, text);

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
    const told = await page.locator('#slopes tr:has(th:text-is("as it is")) td').first().textContent();
    expectNear([Number(told)], [slope]);
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
    await cell.nth(1).focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await page.locator('#alignment [aria-label="tip"]').textContent()).toContain("α = ");
    expect(await page.locator(':focus[role="button"]').getAttribute("aria-label")).toContain(`${pair.source[2]} → `);
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
    await expect
      .poll(async () => (await column("cut-norms", "difference")).some((x) => x !== 0), { timeout: 10_000 })
      .toBe(true);
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
    await choose("influence", "stateInfluence");
    await choose("metric", "exactMatch");
    await page.locator("#explain-count").fill("3");
    await page.locator("#train-rate").fill("-3");
    await page.locator('#alignment [aria-label="cell"] rect').nth(2).click();
    await expect.poll(() => new URL(page.url()).hash, { timeout: 10_000 }).toContain("cell=0%2C2");
    const other = await browser.newPage();
    await other.goto(page.url());
    await other.waitForSelector("#alignment svg");
    await other.waitForSelector(".arithmetic");
    expect(await other.locator(".arithmetic h3").textContent()).toMatch(`${pair.source[2]} `);
    for (const value of ["stateInfluence", "exactMatch"])
      expect(await other.locator(`input[value="${value}"]`).isChecked()).toBe(true);
    expect(await other.locator("#explain-count").inputValue()).toBe("3");
    expect(await other.locator("#train-rate").inputValue()).toBe("-3");
    expect(await other.locator('input[value="eBar"]').isChecked()).toBe(true);
    expect(await other.locator('#scalpel-choice input[value="recurrence"]').isChecked()).toBe(true);
    await other.close();
    await page.locator('#scalpel-choice input[value="recurrence"]').uncheck();
  });

  it("opens from an address of nonsense as from none", async () => {
    const nonsense = [
      "run=9&beam=77&quantity=zz&cell=9,-1&cuts=a,toString,recurrence&truncate=-5&explained=1e9&learning-rate=x&sentence=+",
      "film-run=-1&film-sentence=0.5&film-frame=-4&truncate=1e9&device=quantum&metric=x&cell=1,1.5",
    ];
    for (const address of nonsense) {
      const other = await browser.newPage();
      await other.goto(`${url}#${address}`);
      await other.waitForSelector("#compare-1 svg");
      expect(await other.locator("#failure").textContent()).toBe("");
      expect(await other.locator("#sentence-input").inputValue()).toBe(pair.source.join(" "));
      expect(await other.locator("#truncate").inputValue()).toBe("");
      expect(await other.locator("#run-film-step").textContent()).toBe("step 20");
      await other.close();
    }
  });

  it("says that nothing is typed, and that no gradient is left once all paths are cut", async () => {
    await page.locator("#sentence-input").fill("  ");
    expect(await page.locator("#sentence-empty").isVisible()).toBe(true);
    await settled(pair.source.join(" "));
    expect(await page.locator("#sentence-empty").isVisible()).toBe(false);
    const boxes = page.locator("#scalpel-choice input");
    for (const box of await boxes.all()) await box.check();
    await expect
      .poll(() => page.locator("#cut-shares").textContent(), { timeout: 10_000 })
      .toBe("No gradient is left.");
    for (const box of await boxes.all()) await box.uncheck();
    await page.waitForSelector("#cut-shares svg");
  });

  it("asks for a whole number of sentences instead of guessing one", async () => {
    await page.locator("#explain-count").fill("0");
    await page.locator("#explain-start").click();
    await expect.poll(() => page.locator("#explain-facts").textContent()).toBe("sentences: a whole number from 1 to 8");
    await page.locator("#explain-count").fill("3");
  });

  it("stops at no text with the Tab key", async () => {
    await page.locator("#sentence-input").focus();
    const tags = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      tags.add(await page.evaluate(() => document.activeElement?.tagName ?? ""));
    }
    expect([...tags].filter((tag) => !/^(SELECT|INPUT|BUTTON|rect|SUMMARY|A|BODY|HTML)$/.test(tag))).toEqual([]);
  });

  it("goes to a section without a change of its address", async () => {
    const before = page.url();
    await page.locator("#sections a", { hasText: "Compare" }).click();
    await expect
      .poll(() => page.locator("#compare-title").evaluate((title) => title.getBoundingClientRect().top))
      .toBeLessThan(800);
    expect(page.url()).toBe(before);
    expect(await page.locator("#compare-title").evaluate((title) => title === document.activeElement)).toBe(true);
  });

  it("draws both models' shares to one scale, each with its download", async () => {
    const ticks = (side: number) =>
      page.locator(`#compare-${side} [aria-label="y-axis tick label"] text`).allTextContents();
    expect((await ticks(0)).length).toBeGreaterThan(2);
    expect(await ticks(0)).toEqual(await ticks(1));
    const total = (await csv("compare-1"))
      .filter(({ j }) => j === "0")
      .reduce((sum, { share }) => sum + Number(share), 0);
    expect(total).toBeCloseTo(1, 4);
  });

  /** In one task of the page, since by a second one the work might be done. */
  const startAndCancel = (section: string): Promise<void> =>
    page.evaluate((id) => {
      document.getElementById(`${id}-start`)?.click();
      document.getElementById(`${id}-cancel`)?.click();
    }, section);

  it("measures test sentences with progress, and stops when told", async () => {
    await page.locator("#explain-count").fill("2");
    await page.locator("#explain-start").click();
    await page.waitForFunction(() => document.querySelector("#explain-facts")!.textContent!.startsWith("2 sentences"));
    expect(new Set((await csv("erasure")).map(({ order }) => order))).toEqual(
      new Set(["attention", "gradient", "product", "random"]),
    );
    await page.locator("#explain-count").fill("8");
    await startAndCancel("explain");
    await page.waitForFunction(() => !(document.querySelector("#explain-start") as HTMLButtonElement).disabled);
    expect(await page.locator("#explain-facts").textContent()).not.toMatch(/^8 sentences/);
  });

  it("trains the model from another seed and holds its attention beside the adversary's, or stops when told", async () => {
    await startAndCancel("seeds");
    await page.waitForFunction(() => !(document.querySelector("#seeds-start") as HTMLButtonElement).disabled);
    expect(await page.locator("#seeds-facts").textContent()).toBe("");
    await page.locator("#explain-count").fill("2");
    await page.locator("#seeds-start").click();
    await page.waitForFunction(() => document.querySelector("#seeds-facts")!.textContent!.startsWith("1 other seed,"));
    const words = pairs.slice(0, 2).reduce((sum, { target }) => sum + target.length + 1, 0);
    const divergence = await column("seeds", "divergence");
    expect(divergence.length).toBe(words);
    expect(Math.min(...divergence)).toBeGreaterThan(0);
    expect(Math.max(...divergence)).toBeLessThan(Math.LN2);
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

  it("shows the film that the run saved, and keeps the frame in its address", async () => {
    await page.locator("#run-film-slider").fill("1");
    expect(await page.locator("#run-film-step").textContent()).toBe("step 10");
    await page.waitForFunction(
      () => document.querySelectorAll('#run-film-alpha [aria-label="cell"] rect').length === 4,
    );
    expect(page.url()).toContain("film-frame=1");
    await page.locator("#run-film-play").click();
    await page.waitForFunction(() => document.querySelector("#run-film-step")!.textContent === "step 20");
    await page.waitForFunction(() => document.querySelector("#run-film-play")!.textContent === "Play");
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
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), { timeout: 10_000 }).toBe(390);
    await choose("decoding", "5");
    await page.waitForSelector("#beam svg");
    const scaled = () =>
      page
        .locator(".wide svg.plot")
        .evaluateAll(
          (plots) => plots.filter((one) => one.clientWidth !== Math.floor(Number(one.getAttribute("width")))).length,
        );
    await expect.poll(scaled, { timeout: 10_000 }).toBe(0);
    expect(complaints).toEqual([]);
    expect(requests.filter((address) => !/^(file|data|blob):/.test(address))).toEqual([]);
  });
});
