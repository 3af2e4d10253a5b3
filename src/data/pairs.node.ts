import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { DataError } from "../errors.js";
import type { Corpus, SplitSizes } from "./pair.js";
import { type PairsOptions, type ParsedPairs, pairsCorpus } from "./pairs.js";

/** One plain line for each way in which a file cannot be read. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory, a file is expected",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  ERR_FS_FILE_TOO_LARGE: "it is larger than 2 GiB",
  ERR_STRING_TOO_LONG: "it is too large to be read as one text",
};

/**
 * A UTF-8 text file, whole.
 * @throws DataError, one line, where it cannot be read, is binary or is not UTF-8
 */
export async function readTextFile(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new DataError(`${path}: ${reasons[code] ?? `cannot be read (${code || error})`}`);
  }
  if (bytes.includes(0))
    throw new DataError(`${path}: it holds zero bytes, so it is binary or UTF-16. Expected UTF-8 text`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new DataError(`${path}: it is not UTF-8. Convert it first: iconv -f LATIN1 -t UTF-8`);
  }
}

/**
 * A corpus from a file of pairs, see {@link pairsCorpus}.
 * @throws DataError, one line, for a file that cannot be read or used
 */
export async function readPairs(
  path: string,
  options: PairsOptions & SplitSizes & { seed: number },
): Promise<{ corpus: Corpus; parsed: ParsedPairs }> {
  const { corpus, parsed } = pairsCorpus(await readTextFile(path), path, options);
  return { corpus: { ...corpus, name: basename(path) }, parsed };
}
