import type { GateSplit } from "../../../src/index.js";
import { figure } from "../../page/figure.js";
import { gateShares, pathNorms, pathShares } from "../../plots/paths.js";
import type { App } from "../app.js";
import { pathTable } from "../path-table.js";

/** 3. Where from: the path split, and the recurrence by gate. */
export function pathsSection(app: App): void {
  const table = () => pathTable(app.studied!.study);
  const shares = figure("path-shares", { draw: (width) => app.studied && pathShares(app.studied.study, width), table });
  const norms = figure("path-norms", { draw: (width) => app.studied && pathNorms(app.studied.study, width), table });
  /** With its own words: the page's sentence may be another by the time that the split comes. */
  let gated: { source: readonly string[]; split: GateSplit } | null = null;
  const gates = figure("path-gates", {
    draw: (width) => gated && gateShares(gated.source, gated.split, width),
    otherwise: "This encoder has no gates.",
    table: () => {
      const { source, split } = gated!;
      return split.gates.flatMap((gate) =>
        source.map((word, j) => ({
          j,
          source: word,
          gate,
          share: split.shares[gate][j],
          norm: split.norms[gate][j],
        })),
      );
    },
  });
  app.onStudied(({ sentence, study: { source } }) => {
    shares();
    norms();
    app.remote
      .askLatest("gates", "gates", { sentence }, (split) => {
        gated = split && { source, split };
        gates();
      })
      .catch(app.fail);
  });
}
