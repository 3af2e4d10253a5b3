/** The study page over two small runs, opened from disk, and how its controls are used. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type Film, grammarCorpus, renderStudyPage } from "../../src/index.js";
import { madeUpReport } from "./report-data.js";
import { makeRunFiles } from "./run-files.js";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const chromiumFound = existsSync(CHROMIUM);

const description = { seed: 3, train: 300, validation: 4, test: 20, maxLength: 8 };
export const corpus = grammarCorpus(description);
export const pairs = corpus.test.slice(0, 8);

export interface WrittenPage {
  readonly folder: string;
  readonly url: string;
  readonly runs: Awaited<ReturnType<typeof makeRunFiles>>;
}

/** @param film of the first run */
export async function writeStudyPage(film: Film | null = null): Promise<WrittenPage> {
  execFileSync(process.execPath, ["scripts/build-web.js"]);
  const runs = await makeRunFiles(corpus.train, { kind: "grammar", ...description });
  const folder = mkdtempSync(join(tmpdir(), "backflow-study-"));
  const file = join(folder, "study.html");
  const report = madeUpReport().summary;
  // Few enough steps to train them again.
  const summary = { ...report, models: report.models.map((model) => ({ ...model, steps: 30 })) };
  const data = {
    runs: runs.map(({ files }, i) => ({ ...files, film: i === 0 ? film : null })),
    sentences: pairs,
    summary,
  };
  writeFileSync(file, renderStudyPage(readFileSync("dist/web/study.html", "utf8"), data));
  return { folder, url: pathToFileURL(file).href, runs };
}

export const choose = (page: Page, label: string, value: string): Promise<void> =>
  page.locator(`fieldset:has(legend:text-is("${label}")) input[value="${value}"]`).check({ force: true });

/** The page computes in float32, maybe with fused multiply-add: the library's numbers to a few digits. */
export function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const size = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value)).toBeLessThan(1e-4 * size + 1e-7);
  });
}

/** A figure's numbers by its own CSV. */
export async function csv(page: Page, figure: string): Promise<Record<string, string>[]> {
  const download = page.waitForEvent("download");
  await page.locator(`#${figure} .downloads button`, { hasText: "CSV" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  const [head, ...lines] = text
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
  return lines.map((fields) => Object.fromEntries(fields.map((field, i) => [head[i], field])));
}

export const column = async (page: Page, figure: string, name: string): Promise<number[]> =>
  (await csv(page, figure)).map((row) => Number(row[name]));

/** Types a sentence and waits until its last plot is drawn. */
export async function settled(page: Page, text: string): Promise<void> {
  await page.locator("#sentence-input").fill(text);
  const words = text.split(" ").length + 1;
  await page.waitForFunction(
    (count) => document.querySelectorAll("#compare-1 [aria-label='bar'] rect").length === 4 * count,
    words,
  );
}
