import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { DataError } from "../errors.js";
import { CONFIG_FILE } from "../training/run-config.js";
import { RunDirectory } from "../training/run-directory.node.js";

/** Inside the demo's folder, the run of the model without attention. */
export const RIVAL_FOLDER = "rnnencdec";
/** Where the demo's run lies unless told: what other commands take where none is named. */
export const DEMO_RUN = "runs/demo";

/** An existing run's folder. Which of its files are missing shows when they are read. */
export function existingRun(path: string): RunDirectory {
  if (!existsSync(path)) throw new DataError(`${path}: there is no such folder. Make a run with \`backflow train\``);
  if (!statSync(path).isDirectory()) throw new DataError(`${path}: it is a file, a run's folder is expected`);
  return new RunDirectory(path);
}

/** A run's folder and, where it is a demo's, that of the model without attention inside it. */
export async function runsInside(path: string): Promise<RunDirectory[]> {
  const storage = existingRun(path);
  const rival = storage.folder(RIVAL_FOLDER);
  return (await rival.read(CONFIG_FILE)) ? [storage, rival] : [storage];
}

/**
 * Makes sure that a new run may be written to a folder. Only a folder that holds a run is ever replaced.
 * @throws DataError where something is there already
 */
export function checkNewRun(path: string, overwrite: boolean): void {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) throw new DataError(`${path}: it is a file. Choose another --out`);
  if (readdirSync(path).length === 0) return;
  if (!existsSync(join(path, CONFIG_FILE))) {
    throw new DataError(`${path}: it holds other files than a run's, so it is left alone. Choose another --out`);
  }
  if (!overwrite) {
    throw new DataError(`${path}: a run is there already. Go on with it by --resume, replace it by --overwrite`);
  }
}

/** Takes away the run that a new one replaces, after {@link checkNewRun}: last, when nothing can be refused any more. */
export function clearForRun(path: string, overwrite: boolean): void {
  checkNewRun(path, overwrite);
  if (existsSync(path)) rmSync(path, { recursive: true });
}

/** What a run is called: its folder's own name. */
export const runName = (path: string): string => basename(resolve(path));
