import type { GateSplit } from "../../../src/index.js";
import { figure } from "../../page/figure.js";
import { gateShares, pathNorms, pathShares } from "../../plots/paths.js";
import { pathNames } from "../../plots/theme.js";
import type { App } from "../app.js";

/** 3. Where from: the path split, and the recurrence by gate. */
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
  let split: GateSplit | null = null;
  const gates = figure("path-gates", {
    draw: (width) => (split && app.studied ? gateShares(app.studied.study.source, split, width) : null),
    otherwise: "This encoder has no gates.",
    table: () =>
      split!.gates.flatMap((gate) =>
        split!.shares[gate].map((share, j) => ({
          j,
          source: app.studied!.study.source[j],
          gate,
          share,
          norm: split!.norms[gate][j],
        })),
      ),
  });
  app.onStudied(({ sentence }) => {
    shares();
    norms();
    app.remote
      .askLatest("gates", "gates", { sentence }, (found) => {
        split = found;
        gates();
      })
      .catch(app.fail);
  });
}
