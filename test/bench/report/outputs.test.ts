import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError } from "backflow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkOutputs, readReport, writeOutputs } from "../../../bench/report/outputs.js";
import { report, timed } from "./sample-report.js";

describe("the files of a report", () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "backflow-outputs-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are written whole, with nothing left beside them, and read back", async () => {
    const said: string[] = [];
    const whole = report([timed({ device: "wasm", ms: 1 })]);
    const files = { json: at("a.json"), csv: at("a.csv"), markdown: at("a.md") };
    await writeOutputs(whole, files, (text) => said.push(text));
    expect(said).toEqual(Object.values(files).map((file) => `wrote ${file}`));
    expect(readdirSync(folder).sort()).toEqual(["a.csv", "a.json", "a.md"]);
    expect(readReport(files.json)).toEqual(whole);
    expect(readFileSync(files.markdown, "utf8")).toContain("### matmul: NN 10·10·10");
  });

  it("that could not be written are refused before anything is measured", () => {
    writeFileSync(at("file"), "");
    expect(() => checkOutputs({ json: at("none/a.json") })).toThrow(/none is no folder that can be written to/);
    expect(() => checkOutputs({ csv: folder })).toThrow("is a folder, where a file is to be written");
    expect(() => checkOutputs({ svg: at("file") })).toThrow("is a file, --svg takes a folder");
    expect(existsSync(at("none"))).toBe(false);
  });

  it("that are no reports are refused in one line", () => {
    writeFileSync(at("half.json"), '{"format": "backflow-be');
    writeFileSync(at("other.json"), "{}");
    expect(() => readReport(at("missing.json"))).toThrow(new DataError(`${at("missing.json")}: there is no such file`));
    expect(() => readReport(folder)).toThrow("is a folder, not a JSON file");
    expect(() => readReport(at("half.json"))).toThrow("half.json is no JSON");
    expect(() => readReport(at("other.json"))).toThrow("is no result of `npm run bench -- --json`");
  });
});
