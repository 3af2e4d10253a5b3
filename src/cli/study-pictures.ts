import { DataError } from "../errors.js";
import type { MeasuredSentence } from "../study/measured-sentence.js";
import { RunDirectory } from "../training/run-directory.node.js";

/** What the built `dist/web/svg.js` exports. */
interface Drawing {
  drawSentence(measured: MeasuredSentence): Readonly<Record<string, string>>;
}

/**
 * Draws everything before anything is written; each file is written whole or not at all.
 * @returns the names of the files
 * @throws DataError where the folder cannot be written
 */
export async function writePictures(measured: MeasuredSentence, folder: string): Promise<string[]> {
  const { drawSentence } = await drawing();
  const files = Object.entries(drawSentence(measured));
  const directory = new RunDirectory(folder);
  for (const [name, svg] of files) await directory.write(name, new TextEncoder().encode(svg));
  return files.map(([name]) => name);
}

/** The plots are built from `web/`, which the library does not know: only their address is known here. */
async function drawing(): Promise<Drawing> {
  const { href } = new URL("../web/svg.js", import.meta.url);
  try {
    return (await import(/* @vite-ignore */ href)) as Drawing;
  } catch (error) {
    throw new DataError("study: its plots are not built: run `npm run build:web` first", { cause: error });
  }
}
