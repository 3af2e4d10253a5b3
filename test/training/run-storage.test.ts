import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { RunDirectory } from "../../src/training/run-directory.node.js";
import { MemoryRunStorage } from "../../src/training/run-storage.js";

const scratch = mkdtempSync(join(tmpdir(), "backflow-storage-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;
const freshPath = (): string => join(scratch, `run-${count++}`, "deep");
const text = (bytes: Uint8Array | null): string | null => bytes && new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

describe.each([
  ["memory", () => new MemoryRunStorage()],
  ["a folder", () => new RunDirectory(freshPath())],
])("a run kept in %s", (_, make) => {
  it("reads back what was written, replaced and appended; null where there is no file", async () => {
    const storage = make();
    expect(await storage.read("a")).toBeNull();
    await storage.write("a", bytes("one"));
    await storage.write("a", bytes("two"));
    await storage.append("b", "1\n");
    await storage.append("b", "2\n");
    expect(text(await storage.read("a"))).toBe("two");
    expect(text(await storage.read("b"))).toBe("1\n2\n");
  });

  it("keeps a folder inside apart from its own files", async () => {
    const storage = make();
    await storage.write("a", bytes("outer"));
    await storage.folder("in").write("a", bytes("inner"));
    expect(text(await storage.read("a"))).toBe("outer");
    expect(text(await storage.folder("in").read("a"))).toBe("inner");
  });
});

describe("a run folder", () => {
  it.skipIf(!existsSync("/dev/full"))(
    "on a full disk (skipped where there is no /dev/full): says so, keeps the old file, leaves nothing half-written",
    async () => {
      const path = freshPath();
      const storage = new RunDirectory(path);
      await storage.write("model", bytes("old"));
      // Whatever is written there meets a full disk.
      symlinkSync("/dev/full", join(path, "model.tmp"));
      await expect(storage.write("model", bytes("new"))).rejects.toThrow(
        new DataError(`${path}/model: the disk is full. Make room, then continue with --resume`),
      );
      expect(readFileSync(join(path, "model"), "utf8")).toBe("old");
      expect(existsSync(join(path, "model.tmp"))).toBe(false);
    },
  );

  it("says where a path goes through a file, and where a folder stands in a file's place", async () => {
    const path = freshPath();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "file"), "");
    mkdirSync(join(path, "folder"));
    const through = new RunDirectory(join(path, "file"));
    await expect(through.write("a", bytes("x"))).rejects.toThrow(`${path}/file: it is a file, a folder is expected`);
    await expect(through.folder("b").write("a", bytes("x"))).rejects.toThrow(
      `${path}/file/b: a part of the path is a file, not a folder`,
    );
    await expect(new RunDirectory(path).read("folder")).rejects.toThrow(
      `${path}/folder: it is a folder, a file is expected`,
    );
  });

  it.skipIf(process.getuid?.() === 0)(
    "says that it may not write (skipped for root, who may write everywhere)",
    async () => {
      const path = freshPath();
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o500);
      await expect(new RunDirectory(path).write("a", bytes("x"))).rejects.toThrow(`${path}/a: no permission`);
    },
  );

  it("killed while writing, again and again, holds one whole version of a file", async () => {
    const path = freshPath();
    const size = 1_000_000;
    // The writer is plain JavaScript around the compiled class, in a process that can be killed.
    const writer = `
      const { RunDirectory } = await import(process.argv[1]);
      const storage = new RunDirectory(process.argv[2]);
      for (let version = 0; ; version = (version + 1) % 256) {
        await storage.write("model", new Uint8Array(${size}).fill(version));
        if (version === 0) console.log("writing");
      }`;
    const compiled = new URL("../../dist/node.js", import.meta.url).href;
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", writer, compiled, path]);
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, 7 * round));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      const found = await new RunDirectory(path).read("model");
      expect(found).toHaveLength(size);
      expect(new Set(found).size).toBe(1);
    }
  });
});
