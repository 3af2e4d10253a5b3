import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SentenceStudy } from "../../src/study/sentence-study.js";
import type { MetricsLine } from "../../src/training/metrics-log.js";
import type { RunSummary } from "../../src/training/summary.js";
import { backflow, finished, startBackflow } from "./run-backflow.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "backflow-cli-"));
  const lines = Array.from({ length: 60 }, (_, i) => `Word${i % 9} is ${i}.\tMot${i % 9} est ${i}.\tsource ${i}`);
  await writeFile(join(folder, "pairs.txt"), `${lines.join("\n")}\nno tab here\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tiny = ["--train", "80", "--validation", "10", "--test", "10", "--max-length", "8", "--validate-every", "4"];
const small = [...tiny, "--embedding", "4", "--hidden", "6", "--batch", "8"];
const json = async <T>(...path: string[]): Promise<T> => JSON.parse(await readFile(join(folder, ...path), "utf8")) as T;
const lines = async (...path: string[]): Promise<MetricsLine[]> =>
  (await readFile(join(folder, ...path), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as MetricsLine);

describe("backflow demo", () => {
  it("trains both models, compares them, and leaves two whole run folders and a report", async () => {
    const { status, stdout, stderr } = await backflow(
      ["demo", "--quick", "--steps", "4", "--no-serve", "--out", "demo"],
      {
        cwd: folder,
      },
    );
    expect(stderr).toMatch(/^100 % \| step 4 \| loss rnnsearch [\d.]+, rnnencdec [\d.]+ /m);
    expect(status).toBe(0);
    expect(stdout).toMatch(/│ exact match +│ +[\d.]+ % │ +[\d.]+ % │/);
    expect(stdout).toMatch(/│ 31–40 \* +│ +10 │/);
    expect(stdout).toContain("Where RNNsearch looks");
    const files = [
      "config.json",
      "film.jsonl",
      "metrics.jsonl",
      "model.safetensors",
      "summary.json",
      "training-state.safetensors",
      "vocabulary.json",
    ];
    expect((await readdir(join(folder, "demo"))).sort()).toEqual(
      [...files, "report.html", "study.html", "rnnencdec"].sort(),
    );
    expect((await readdir(join(folder, "demo", "rnnencdec"))).sort()).toEqual(files);
    const { models, examples, corpus } = await json<RunSummary>("demo", "summary.json");
    expect(models.map(({ model, steps }) => [model, steps])).toEqual([
      ["rnnsearch", 4],
      ["rnnencdec", 4],
    ]);
    expect(Math.abs(models[0].parameters / models[1].parameters - 1)).toBeLessThan(0.01);
    expect(models[0].byLength.map(({ from, to }) => [from, to])).toEqual([
      [1, 10],
      [11, 20],
      [21, 30],
      [31, 40],
    ]);
    expect(Object.keys(examples[0].outputs)).toEqual(["rnnsearch", "rnnencdec"]);
    expect(corpus).toMatchObject({ kind: "grammar", trainMaxLength: 20 });
    const report = await readFile(join(folder, "demo", "report.html"), "utf8");
    expect(report).not.toContain("__REPORT_DATA__");
    expect(report).toContain('"studyPage":"study.html"');
    const again = await backflow(["evaluate", "demo", "--json"], { cwd: folder });
    expect((JSON.parse(again.stdout) as RunSummary).models).toEqual(models);
  });
});

describe("backflow demo, stopped", () => {
  it("goes on with both models by train --resume", async () => {
    const child = startBackflow(["demo", "--quick", "--no-serve", "--out", "stopped", "--steps", "40"], {
      cwd: folder,
    });
    await untilLines("stopped/rnnencdec/metrics.jsonl", 2);
    child.kill("SIGINT");
    expect((await finished(child)).status).toBe(130);
    const { status, stderr } = await backflow(["train", "--resume", "--out", "stopped"], { cwd: folder });
    expect(stderr).toMatch(/rnnsearch: .*; from step (\d+) on\nrnnencdec: .*; from step \1 on\n/);
    expect(status).toBe(0);
    expect((await json<RunSummary>("stopped", "summary.json")).models.map(({ steps }) => steps)).toEqual([40, 40]);
  });
});

describe("backflow train", () => {
  it("trains on a user's file, tells of lines that are no pairs, and then translates and studies", async () => {
    const args = [
      "train",
      "--pairs",
      "pairs.txt",
      "--steps",
      "6",
      "--out",
      "runs/own",
      "--validation",
      "5",
      "--test",
      "5",
    ];
    const { status, stdout, stderr } = await backflow([...args, "--embedding", "4", "--hidden", "5"], { cwd: folder });
    expect(stderr).toContain("1 of 61 lines are no pairs and were left out:\n  line 61: no tab: no tab here");
    expect(status).toBe(0);
    expect(stdout).toContain("Everything is in runs/own");
    expect((await json<RunSummary>("runs", "own", "summary.json")).corpus).toMatchObject({ kind: "pairs", train: 50 });

    const translated = await backflow(["translate", "runs/own", "word1 is Unseen .", "--beam", "2"], { cwd: folder });
    expect(translated.stderr).toBe("not in the model's vocabulary, so read as <unk>: unseen\n");
    expect(translated.status).toBe(0);
    const asJson = await backflow(["translate", "runs/own", "word1 is 3 .", "--json"], { cwd: folder });
    expect(JSON.parse(asJson.stdout)).toMatchObject({ source: ["word1", "is", "3", "."] });

    const studied = await backflow(["study", "runs/own", "word1 is 3 .", "--target", "mot1 est 3 .", "--json"], {
      cwd: folder,
    });
    const { source, target, alpha, paths } = JSON.parse(studied.stdout) as SentenceStudy;
    expect([source.length, target.length]).toEqual([5, 5]);
    for (const row of alpha ?? []) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    const shares = source.map((_, j) => paths.value[j] + paths.score[j] + paths.bridge[j] + paths.recurrence[j]);
    for (const sum of shares) expect(sum).toBeCloseTo(1, 3);
    const table = await backflow(["study", "runs/own", "word1 is 3 ."], { cwd: folder });
    expect(table.stdout).toContain("Where each source word's gradient comes from");
  });

  it("trains on the platform's own phrases, without attention", async () => {
    const sizes = ["--train", "60", "--validation", "5", "--test", "5", "--embedding", "4", "--hidden", "5"];
    const args = [
      "train",
      "--corpus",
      "intl",
      "--locale",
      "de",
      "--model",
      "rnnencdec",
      "--steps",
      "3",
      "--out",
      "runs/de",
    ];
    const { status, stdout } = await backflow([...args, ...sizes], { cwd: folder });
    expect(status).toBe(0);
    expect(stdout).toContain("rnnencdec");
  });

  it("killed with -9 and resumed, gives the parameters that it gives in one go, bit for bit", async () => {
    const args = ["train", ...small, "--steps", "300", "--dropout", "0.1"];
    expect((await backflow([...args, "--out", "straight"], { cwd: folder })).status).toBe(0);
    // Interrupted first, so that there is a checkpoint; then resumed and killed; then resumed to the end.
    const first = startBackflow([...args, "--out", "killed"], { cwd: folder });
    await untilLines("killed/metrics.jsonl", 3);
    first.kill("SIGINT");
    const { status, stderr } = await finished(first);
    expect(stderr).toMatch(/stopped at step \d+; go on with: backflow train --resume --out killed\n$/);
    expect(status).toBe(130);
    const count = (await lines("killed", "metrics.jsonl")).length;
    const second = startBackflow(["train", "--resume", "--out", "killed"], { cwd: folder });
    await untilLines("killed/metrics.jsonl", count + 3);
    second.kill("SIGKILL");
    await finished(second);
    expect((await backflow(["train", "--resume", "--out", "killed"], { cwd: folder })).status).toBe(0);
    const model = (name: string): Buffer => readFileSync(join(folder, name, "model.safetensors"));
    expect(model("killed").equals(model("straight"))).toBe(true);
    const validations = async (name: string) =>
      (await lines(name, "metrics.jsonl"))
        .map(({ step, validationLoss }) => [step, validationLoss])
        .filter(([, loss]) => loss !== undefined);
    expect(await validations("killed")).toEqual(await validations("straight"));
  });

  it("resumed with more steps, goes on from where it ended", async () => {
    await backflow(["train", ...small, "--steps", "4", "--out", "more"], { cwd: folder });
    const { stderr } = await backflow(["train", "--resume", "--steps", "8", "--out", "more"], { cwd: folder });
    expect(stderr).toContain("; from step 4 on\n");
    expect((await json<RunSummary>("more", "summary.json")).models[0].steps).toBe(8);
  });
});

async function untilLines(file: string, count: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const text = await readFile(join(folder, file), "utf8").catch(() => "");
    if (text.split("\n").length > count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${file} did not come to ${count} lines`);
}

describe("backflow serve", () => {
  it("serves the study and the report on the next port where one is taken, and nothing outside the folder", async () => {
    await backflow(["train", ...small, "--steps", "2", "--out", "served"], { cwd: folder });
    const blocker = createServer();
    const taken = await new Promise<number>((resolve) => {
      blocker.listen(0, "127.0.0.1", () => {
        const address = blocker.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
    const child = startBackflow(["serve", "served", "--port", String(taken)], { cwd: folder });
    const said = await new Promise<string>((resolve) => {
      let text = "";
      child.stdout?.on("data", (chunk) => {
        text += chunk;
        if (text.includes("(Ctrl-C ends)")) resolve(text);
      });
    });
    expect(said).toContain(`Port ${taken} is taken, so it is `);
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0] ?? "";
    const page = await fetch(url);
    expect(await page.text()).toBe(await readFile(join(folder, "served", "study.html"), "utf8"));
    const report = await fetch(`${url}report.html`);
    expect(await report.text()).toBe(await readFile(join(folder, "served", "report.html"), "utf8"));
    expect(await (await fetch(`${url}summary.json`)).json()).toMatchObject({ name: "served" });
    const lab = await fetch(`${url}kernel-lab`);
    expect(lab.headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
    expect(await lab.text()).toContain("<title>Backflow: kernel lab</title>");
    for (const path of ["../pairs.txt", "%2e%2e/pairs.txt", "none.html"]) {
      expect((await fetch(url + path)).status).toBe(404);
    }
    child.kill("SIGINT");
    await finished(child);
    blocker.close();
  });
});

describe("backflow", () => {
  it.each([
    [["demo"], "$ backflow demo --no-serve"],
    [["train"], "$ backflow train --pairs fra.txt --max-length 8 --model rnnsearch --minutes 3 --out runs/fra"],
    [["evaluate"], "$ backflow evaluate runs/fra"],
    [["translate"], '$ backflow translate runs/fra "i am cold ."'],
    [["study"], '$ backflow study runs/fra "i am cold ." --json'],
    [["serve"], "$ backflow serve runs/demo"],
    [["devices"], "$ backflow devices"],
  ])("%s --help ends with an example", async (command, example) => {
    const { status, stdout } = await backflow([...command, "--help"]);
    expect(status).toBe(0);
    expect(stdout.slice(stdout.indexOf("Example:"))).toContain(example);
  });

  it("devices lists the two CPU back ends first", async () => {
    const { stdout } = await backflow(["devices", "--json"]);
    expect(JSON.parse(stdout).slice(0, 2)).toMatchObject([
      { device: "cpu", kernels: "reference", dtype: "float64", ready: true },
      { device: "cpu", kernels: "wasm", dtype: "float32", ready: true },
    ]);
  });
});
