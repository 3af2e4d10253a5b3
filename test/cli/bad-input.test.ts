import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/training/safetensors.js";
import { backflow } from "./run-backflow.js";

/** What the command is run with: paths are relative to a folder made for these tests. */
let folder: string;
const path = (...parts: string[]): string => join(folder, ...parts);
const TINY = [
  "--train",
  "40",
  "--validation",
  "5",
  "--test",
  "5",
  "--max-length",
  "8",
  "--embedding",
  "3",
  "--hidden",
  "4",
];

/** A copy of a good run with one file changed. */
async function spoilt(
  name: string,
  file: string,
  change: (bytes: Buffer) => Uint8Array | string | null,
): Promise<void> {
  await cp(path("good"), path(name), { recursive: true });
  const changed = change(await readFile(path(name, file)));
  await rm(path(name, file));
  if (changed !== null) await writeFile(path(name, file), changed);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "backflow-bad-"));
  const made = await backflow(["train", ...TINY, "--steps", "2", "--out", "good"], { cwd: folder });
  if (made.status !== 0) throw new Error(made.stderr);
  await writeFile(path("empty.txt"), "");
  await writeFile(path("binary.txt"), Buffer.from([72, 105, 0, 1, 2]));
  await writeFile(path("latin1.txt"), Buffer.from("a\tpr\xe9\n", "latin1"));
  await writeFile(path("no-tabs.txt"), "one line\nanother\n");
  await writeFile(path("few.txt"), "a\tb\nc\td\n");
  await mkdir(path("photos"));
  await writeFile(path("photos", "cat.jpg"), "");
  await spoilt("truncated", "model.safetensors", (bytes) => bytes.subarray(0, bytes.length - 10));
  await spoilt("no-model", "model.safetensors", () => null);
  await spoilt("text-model", "model.safetensors", () => "this is no safetensors file");
  await spoilt("wrong-model", "model.safetensors", (bytes) => {
    const { "v.weight": _, ...rest } = Object.fromEntries(decodeSafetensors(bytes, "").tensors);
    return encodeSafetensors(rest);
  });
  await spoilt("wrong-shape", "model.safetensors", (bytes) => {
    const tensors = Object.fromEntries(decodeSafetensors(bytes, "").tensors);
    return encodeSafetensors({
      ...tensors,
      "bridge.bias": { dtype: "float32", shape: [2], data: new Float32Array(2) },
    });
  });
  await spoilt("words", "vocabulary.json", (bytes) => {
    const { source, target } = JSON.parse(bytes.toString());
    return JSON.stringify({ source: { tokens: [...source.tokens, "extra"] }, target });
  });
  await spoilt("specials", "vocabulary.json", (bytes) => bytes.toString().replace("<pad>", "<none>"));
  await spoilt("torn-config", "config.json", (bytes) => bytes.subarray(0, 100));
  await spoilt("old-config", "config.json", () => "{}");
  await spoilt("no-state", "training-state.safetensors", () => null);
  await spoilt("other-data", "config.json", (bytes) => bytes.toString().replace('"train": 40', '"train": 41'));
  await spoilt("bad-metrics", "metrics.jsonl", () => "[]\n");
  await spoilt("no-report", "report.html", () => null);
  await spoilt("full", "training-state.safetensors", (bytes) => bytes);
  if (existsSync("/dev/full")) await symlink("/dev/full", path("full", "training-state.safetensors.tmp"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const training = ["train", ...TINY, "--steps", "1"];
const own = (file: string): string[] => ["train", "--steps", "1", "--out", "new", "--pairs", file];

describe("one line and a status of 1 for", () => {
  it.each<[string, string[], string | RegExp]>([
    ["an unknown command", ["trian"], "unknown command 'trian' (Did you mean train?)"],
    ["an unknown flag", ["train", "--step", "3"], "unknown option '--step' (Did you mean --steps?)"],
    ["a flag without its value", ["train", "--steps"], "option '--steps <number>' argument missing"],
    ["a missing argument", ["translate", "good"], "missing required argument 'sentence'"],
    [
      "a number that is none",
      ["train", "--steps", "many"],
      "option '--steps <number>' argument 'many' is invalid. It must be a whole number, 1 or more.",
    ],
    [
      "a negative number",
      ["demo", "--minutes", "-1"],
      "option '--minutes <number>' argument '-1' is invalid. It must be a number above 0.",
    ],
    [
      "a share of 1",
      ["train", "--dropout", "1"],
      "option '--dropout <share>' argument '1' is invalid. It must be a number from 0 to below 1.",
    ],
    [
      "an unknown model",
      ["train", "--model", "gpt"],
      "option '--model <name>' argument 'gpt' is invalid. Allowed choices are rnnsearch, rnnencdec.",
    ],
    [
      "two corpora",
      ["train", "--pairs", "few.txt", "--corpus", "intl"],
      "option '--pairs <file>' cannot be used with option '--corpus <kind>'",
    ],
    [
      "a port that is none",
      ["serve", "good", "--port", "99999"],
      "option '--port <number>' argument '99999' is invalid. It must be a whole number, from 1 to 65535.",
    ],
    [
      "a beam without end",
      ["translate", "good", "a", "--beam", "100000"],
      "option '--beam <width>' argument '100000' is invalid. It must be a whole number, from 1 to 1000.",
    ],
    [
      "a folder without a name",
      ["train", "--steps", "1", "--out", ""],
      "option '--out <folder>' argument '' is invalid. It must not be empty.",
    ],
    [
      "a run without a name",
      ["translate", "", "a"],
      "command-argument value '' is invalid for argument 'run'. It must not be empty.",
    ],
    [
      "a translation of nothing",
      ["study", "good", "a", "--target", " "],
      "option '--target <translation>' argument ' ' is invalid. It must not be empty.",
    ],
    [
      "a model larger than the memory, in place of a good one",
      [...training, "--hidden", "100000", "--out", "good", "--overwrite"],
      /^translator: [\d,]+ parameters are more than the 268,435,456 that fit into memory/,
    ],
    ["a file that is not there", own("none.txt"), "FOLDER/none.txt: there is no such file"],
    ["a folder for a file", own("photos"), "FOLDER/photos: it is a directory, a file is expected"],
    [
      "an empty file",
      own("empty.txt"),
      "FOLDER/empty.txt: it is empty. One pair a line is expected: source<TAB>target",
    ],
    [
      "a binary file",
      own("binary.txt"),
      "FOLDER/binary.txt: it holds zero bytes, so it is binary or UTF-16. Expected UTF-8 text",
    ],
    [
      "a file that is not UTF-8",
      own("latin1.txt"),
      "FOLDER/latin1.txt: it is not UTF-8. Convert it first: iconv -f LATIN1 -t UTF-8",
    ],
    [
      "a file without tabs",
      own("no-tabs.txt"),
      "FOLDER/no-tabs.txt: none of its 2 lines is a pair (line 1: no tab). Expected source<TAB>target",
    ],
    [
      "a file too small to be split",
      own("few.txt"),
      "split: 2 different source sentences cannot give 500 for validation and 500 for the test and leave some for training",
    ],
    [
      "sentences too long for the grammar",
      [...training, "--max-length", "99", "--out", "new"],
      "grammar: maxLength must be an integer from 6 to 40, got 99",
    ],
    [
      "a language that is none",
      ["train", "--corpus", "intl", "--locale", "not a language", "--out", "new"],
      'intl: "not a language" is not a language tag. Try "zh", "fr" or "de".',
    ],
    [
      "a run that is there already",
      [...training, "--out", "good"],
      "good: a run is there already. Go on with it by --resume, replace it by --overwrite",
    ],
    [
      "a folder of something else, --overwrite or not",
      [...training, "--out", "photos", "--overwrite"],
      "photos: it holds other files than a run's, so it is left alone. Choose another --out",
    ],
    ["a file in the folder's place", [...training, "--out", "few.txt"], "few.txt: it is a file. Choose another --out"],
    [
      "a folder inside a file",
      [...training, "--out", "few.txt/run"],
      "few.txt/run: a part of the path is a file, not a folder",
    ],
    [
      "a learning rate that blows up",
      [...training, "--steps", "5", "--learning-rate", "1e38", "--out", "blown"],
      /^training: at step \d the loss is .+: train with a lower learning rate than 1e\+38$/,
    ],
    [
      "a run that is not there",
      ["evaluate", "none"],
      "none: there is no such folder. Make a run with `backflow train`",
    ],
    ["a file for a run", ["study", "few.txt", "a"], "few.txt: it is a file, a run's folder is expected"],
    [
      "a folder that is no run",
      ["translate", "photos", "a"],
      "photos: no run folder: it has no config.json. Make one with `backflow train`",
    ],
    [
      "a torn configuration",
      ["evaluate", "torn-config"],
      "torn-config/config.json: no JSON: it is damaged, or another program's",
    ],
    [
      "another program's configuration",
      ["evaluate", "old-config"],
      "old-config/config.json: version, seed, device, dtype, model, corpus, text, training, budget missing: it is not a run's configuration",
    ],
    [
      "another run's vocabulary",
      ["translate", "words", "a"],
      /^words\/vocabulary\.json: the source vocabulary has (\d+) words, the model was trained with \d+: it is another run's$/,
    ],
    [
      "a vocabulary that is none",
      ["translate", "specials", "a"],
      'specials/vocabulary.json: source: vocabulary: token 0 must be <pad>, got "<none>"',
    ],
    [
      "a model never saved",
      ["translate", "no-model", "a"],
      "no-model/model.safetensors: there is no such file: the model was not trained yet",
    ],
    [
      "a truncated model",
      ["translate", "truncated", "a"],
      /^truncated\/model\.safetensors: truncated: \d+ bytes of numbers are announced, \d+ are there$/,
    ],
    [
      "a model that is no safetensors file",
      ["translate", "text-model", "a"],
      "text-model/model.safetensors: no safetensors file: its first 8 bytes are no header length",
    ],
    [
      "another model's parameters",
      ["translate", "wrong-model", "a"],
      "wrong-model/model.safetensors does not fit the run's config.json: loadStateDict: the values are not this model's: missing: v.weight",
    ],
    [
      "parameters of another size",
      ["translate", "wrong-shape", "a"],
      "wrong-shape/model.safetensors does not fit the run's config.json: loadStateDict: the values are not this model's: wrong shape: bridge.bias is [2], expected [4]",
    ],
    [
      "a page of a truncated model",
      ["report", "truncated", "--out", "page.html"],
      /^truncated\/model\.safetensors: truncated/,
    ],
    ["a page in a folder's place", ["report", "good", "--out", "photos"], /^photos: it cannot be written/],
    ["an empty sentence", ["translate", "good", "  "], 'the sentence is empty: give one in quotes, as "i am cold ."'],
    [
      "nothing to resume",
      ["train", "--resume", "--out", "no-state"],
      "no-state/training-state.safetensors: there is no checkpoint to resume from: train again with --overwrite",
    ],
    [
      "a resumed run that should be another",
      ["train", "--resume", "--hidden", "99", "--out", "good"],
      "--resume goes on with the run as it began: leave out --hidden",
    ],
    [
      "a resumed run whose data has changed",
      ["train", "--resume", "--out", "other-data"],
      "other-data: the run was trained on other sentences than these: its corpus has changed. Train anew with --overwrite",
    ],
    [
      "a test on data that has changed",
      ["evaluate", "other-data"],
      "other-data: its corpus has changed, so test sentences may be among those trained on. Train anew",
    ],
    [
      "metrics that are none",
      ["evaluate", "bad-metrics"],
      "bad-metrics/metrics.jsonl: line 1 is not a line of metrics",
    ],
    [
      "a report that is not there",
      ["serve", "no-report"],
      "no-report/report.html: there is no such page yet: run `backflow evaluate no-report` first",
    ],
  ])("%s", async (_, args, message) => {
    const { status, stdout, stderr } = await backflow(args, { cwd: folder });
    const expected = typeof message === "string" ? message.replace("FOLDER", folder) : message;
    const said = stderr
      .trimEnd()
      .split("\n")
      .at(-1)
      ?.replace(/^backflow: /, "");
    if (typeof expected === "string") expect(said).toBe(expected);
    else expect(said).toMatch(expected);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });
});

describe("nothing is spoilt", () => {
  it("bad input makes no new folder and changes no old one", async () => {
    const entries = await readdir(folder);
    expect(entries).not.toContain("new");
    expect(await readdir(path("photos"))).toEqual(["cat.jpg"]);
    expect(entries.filter((name) => /page|part/.test(name))).toEqual([]);
    expect(await readdir(path("good"))).toContain("model.safetensors");
  });

  it.skipIf(!existsSync("/dev/full"))(
    "a full disk (skipped where there is no /dev/full) ends in one line, and the old checkpoint stays whole",
    async () => {
      const before = await readFile(path("full", "training-state.safetensors"));
      const { status, stderr } = await backflow(["train", "--resume", "--steps", "4", "--out", "full"], {
        cwd: folder,
      });
      expect(stderr.trimEnd().split("\n").at(-1)).toBe(
        "backflow: full/training-state.safetensors: the disk is full. Make room, then continue with --resume",
      );
      expect(status).toBe(1);
      expect((await readFile(path("full", "training-state.safetensors"))).equals(before)).toBe(true);
      expect((await backflow(["train", "--resume", "--steps", "4", "--out", "full"], { cwd: folder })).status).toBe(0);
    },
  );

  it("ports that are all taken are named", async () => {
    // The last of all ports: there is no next one.
    const blocker = await taken(65535);
    const { status, stderr } = await backflow(["serve", "good", "--port", "65535"], { cwd: folder });
    blocker?.close();
    expect(stderr).toBe("backflow: serve: port 65535 is taken, and so are those after it: choose another --port\n");
    expect(status).toBe(1);
  });

  it("--verbose adds the stack", async () => {
    const { stderr } = await backflow(["evaluate", "none", "--verbose"], { cwd: folder });
    expect(stderr).toMatch(/^backflow: none: there is no such folder.*\nDataError: [\s\S]+\n {4}at /);
  });
});

/** Takes a port, unless someone has it already. */
function taken(port: number): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
