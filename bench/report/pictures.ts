import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./machine.js";
import type { BenchReport } from "./report.js";

/** What scripts/build-web.js makes of web/svg. */
interface Drawing {
  drawReport(report: BenchReport): Readonly<Record<string, string>>;
}

/** The page's plots of a report as SVG texts by file name, each in the page's light and in its dark colours. */
export async function pictures(report: BenchReport): Promise<Readonly<Record<string, string>>> {
  const { drawReport }: Drawing = await import(pathToFileURL(join(root, "dist/web/svg.js")).href);
  return drawReport(report);
}

/**
 * Writes {@link pictures} into a folder, which is made where there is none.
 * @returns how many there are
 */
export async function writePictures(report: BenchReport, folder: string): Promise<number> {
  const files = Object.entries(await pictures(report));
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of files) writeFileSync(join(folder, name), svg);
  return files.length;
}
