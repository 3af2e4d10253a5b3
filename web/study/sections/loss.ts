import type { SentenceStudy } from "../../../src/index.js";
import { figure } from "../../page/figure.js";
import { alignmentQuantities } from "../../plots/alignment.js";
import { influenceMatrices, influenceMatrix } from "../../plots/influence-matrix.js";
import { wordMatrix } from "../../plots/matrix.js";
import type { App } from "../app.js";

/** 5. Which loss: each target word's own gradient, beside α. */
export function lossSection(app: App): void {
  let influenced: SentenceStudy | null = null;
  const redraws = (["influence", "stateInfluence"] as const).map((key) =>
    figure(`loss-${key}`, {
      draw: (width) => influenced && influenceMatrix(influenced, key, width),
      table: () => {
        const { source, target, [key]: matrix } = influenced!;
        return matrix.flatMap((row, t) =>
          row.map((value, j) => ({
            t,
            j,
            target: target[t],
            source: source[j],
            [influenceMatrices[key].symbol]: value,
          })),
        );
      },
    }),
  );
  const alpha = figure("loss-alpha", {
    draw: (width) => {
      const { study } = app.studied ?? {};
      return study?.alpha
        ? wordMatrix(
            {
              columns: study.source,
              rows: study.target,
              values: study.alpha,
              ...alignmentQuantities.alpha,
              scale: "unit",
            },
            width,
          )
        : null;
    },
    otherwise: "This model has no attention.",
  });
  app.onStudied(alpha);
  app.onInfluence((study) => {
    influenced = study;
    for (const redraw of redraws) redraw();
  });
}
