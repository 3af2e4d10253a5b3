import { figure } from "../../page/figure.js";
import { pathNorms, pathShares } from "../../plots/paths.js";
import { pathNames } from "../../plots/theme.js";
import type { App } from "../app.js";

/** 3. Where from: the path split. */
export function pathsSection(app: App): void {
  const table = () =>
    app.studied!.study.source.flatMap((word, j) =>
      pathNames.map((path) => ({
        j,
        source: word,
        path,
        share: app.studied!.study.paths[path][j],
        norm: app.studied!.study.paths.norms[path][j],
        total: app.studied!.study.paths.total[j],
      })),
    );
  const shares = figure("path-shares", { draw: (width) => app.studied && pathShares(app.studied.study, width), table });
  const norms = figure("path-norms", { draw: (width) => app.studied && pathNorms(app.studied.study, width), table });
  app.onStudied(() => {
    shares();
    norms();
  });
}
