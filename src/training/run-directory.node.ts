import { constants, existsSync } from "node:fs";
import { appendFile, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DataError } from "../errors.js";
import type { RunStorage } from "./run-storage.js";

/** One plain line for each way in which a file cannot be written or read. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full. Make room, then continue with --resume",
  EDQUOT: "the disk quota is used up. Make room, then continue with --resume",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the disk is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder, a file is expected",
  EEXIST: "it is a file, a folder is expected",
};

/** The error's `code`, such as ENOENT, or its text. */
const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

async function explained<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = codeOf(error);
    throw new DataError(`${path}: ${reasons[code] ?? `cannot be used (${code})`}`, { cause: error });
  }
}

/** A run kept in a folder. The folder is made when the first file is written. */
export class RunDirectory implements RunStorage {
  constructor(readonly place: string) {}

  async read(file: string): Promise<Uint8Array | null> {
    const path = join(this.place, file);
    return explained(path, async () => {
      try {
        return await readFile(path);
      } catch (error) {
        if (codeOf(error) === "ENOENT") return null;
        throw error;
      }
    });
  }

  /** Written beside the old file, forced to the disk, then renamed over it. */
  async write(file: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.place, file);
    const beside = `${path}.tmp`;
    await this.make();
    await explained(path, async () => {
      try {
        const handle = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o644);
        try {
          await handle.writeFile(bytes);
          await handle.datasync().catch(ignoreUnsupported);
        } finally {
          await handle.close();
        }
        await rename(beside, path);
      } catch (error) {
        await rm(beside, { force: true });
        throw error;
      }
    });
    await this.syncFolder();
  }

  async append(file: string, text: string): Promise<void> {
    const path = join(this.place, file);
    await this.make();
    await explained(path, () => appendFile(path, text));
  }

  folder(name: string): RunDirectory {
    return new RunDirectory(join(this.place, name));
  }

  private async make(): Promise<void> {
    await explained(this.place, async () => {
      // The topmost missing folder by itself: Node's recursive way never returns where the system refuses it with ENOENT.
      let [top, above] = [resolve(this.place), dirname(resolve(this.place))];
      while (!existsSync(above)) [top, above] = [above, dirname(above)];
      if (!existsSync(top)) {
        await mkdir(top).catch((error: unknown) => {
          if (codeOf(error) !== "EEXIST") throw error;
        });
      }
      await mkdir(this.place, { recursive: true });
    });
  }

  /** Makes the renaming itself outlast a power cut. Windows cannot open a folder, and does not need it. */
  private async syncFolder(): Promise<void> {
    try {
      const handle = await open(this.place, "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      ignoreUnsupported(error);
    }
  }
}

/** Some file systems cannot be told to sync; the renaming still keeps the file whole. */
function ignoreUnsupported(error: unknown): void {
  if (!["EINVAL", "ENOTSUP", "EPERM", "EISDIR", "EACCES"].includes(codeOf(error))) throw error;
}
