import type { DistanceCurve } from "../../../src/index.js";
import { byId, figure } from "../../page/figure.js";
import { table } from "../../page/table.js";
import { decayPlot, entryHeatmap, meanDistance } from "../../plots/distance.js";
import { exact } from "../../plots/theme.js";
import type { App } from "../app.js";
import type { Calls } from "../calls.js";

/** 4. How far: entry points, mean distance, and the decay under four conditions. */
export function distanceSection(app: App): void {
  let found: Calls["distances"]["answer"] | null = null;
  const redraws = [
    figure("entry-points", {
      draw: (width) => found && entryHeatmap(found.source, found.entryPoints, width),
      table: () =>
        found!.entryPoints.entries.flatMap((row, j) =>
          row.map((value, k) => ({ j, k, word: found!.source[j], entered: found!.source[k], I: value })),
        ),
    }),
    figure("mean-distance", {
      draw: (width) => found && meanDistance(found.source, found.entryPoints, width),
      table: () => found!.entryPoints.distance.map((D, j) => ({ j, word: found!.source[j], D })),
    }),
    figure("decay", {
      draw: (width) => found && decayPlot(found.curves, width),
      table: () =>
        found!.curves.flatMap(({ name, decay }) => decay.points.map((point) => ({ condition: name, ...point }))),
    }),
  ];
  app.onStudied(({ sentence }) => {
    app.remote
      .askLatest("distances", "distances", { sentence }, (distances) => {
        found = distances;
        for (const redraw of redraws) redraw();
        byId("slopes").replaceChildren(slopesTable(distances.curves));
      })
      .catch(app.fail);
  });
}

/** What is lost at every step, condition by condition. */
const slopesTable = (curves: readonly DistanceCurve[]): Element =>
  table(
    ["", "b (nats a step)", "factor a step"],
    curves.map(({ name, decay: { slope } }) =>
      Number.isFinite(slope) ? [name, exact(slope), exact(Math.exp(slope))] : [name, "—", "—"],
    ),
  );
