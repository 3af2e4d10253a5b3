import type { AttentionStudy } from "../../src/index.js";
import type { Table } from "../page/download.js";
import { pathNames } from "../plots/theme.js";

/** The path split as rows, one a source word and path. */
export const pathTable = ({ source, paths }: AttentionStudy): Table =>
  source.flatMap((word, j) =>
    pathNames.map((path) => ({
      j,
      source: word,
      path,
      share: paths[path][j],
      norm: paths.norms[path][j],
      total: paths.total[j],
    })),
  );
