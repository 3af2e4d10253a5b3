import type { SentenceStudy } from "../../../src/index.js";
import { choice } from "../../page/choice.js";
import { byId, figure } from "../../page/figure.js";
import {
  type AlignmentQuantity,
  alignmentHeatmap,
  alignmentMatrix,
  alignmentQuantities,
} from "../../plots/alignment.js";
import { type InfluenceQuantity, influenceQuantities, influenceWords } from "../../plots/influence.js";
import type { App } from "../app.js";
import { cellArithmetic } from "../cell-arithmetic.js";
import { remember, remembered, rememberedOption } from "../permalink.js";

/** 2. The alignment, the words tinted by influence, and the arithmetic of one cell. */
export function alignmentSection(app: App): void {
  let quantity = rememberedOption("quantity", Object.keys(alignmentQuantities) as AlignmentQuantity[]);
  let influence = rememberedOption("influence", Object.keys(influenceQuantities) as InfluenceQuantity[]);
  let influenced: SentenceStudy | null = null;
  /** The cell that a link asks for, until a sentence is there to open it in. */
  let asked = remembered("cell");

  const openCell = (t: number, j: number): void => {
    const { studied } = app;
    // The heatmap that was clicked may be an older sentence's, not yet drawn anew.
    if (studied?.study.alpha?.[t]?.[j] === undefined) return;
    remember("cell", `${t},${j}`);
    app.remote
      .askLatest("cell", "cell", { sentence: studied.sentence, t, j }, (cell) => {
        if (app.studied === studied) byId("cell").replaceChildren(cellArithmetic(cell, studied.study, t, j));
      })
      .catch(app.fail);
  };

  const heatmap = figure("alignment", {
    draw: (width) => (app.studied ? alignmentHeatmap(app.studied.study, quantity, width, openCell) : null),
    otherwise: "This model has no attention.",
    table: () => {
      const { source, target } = app.studied!.study;
      const matrix = alignmentMatrix(app.studied!.study, quantity) ?? [];
      return matrix.flatMap((row, t) =>
        row.map((value, j) => ({ target: target[t], source: source[j], t, j, [quantity]: value })),
      );
    },
  });
  const words = figure("influence", {
    draw: () => influenced && influenceWords(influenced, influence),
  });
  const symbols = Object.entries(alignmentQuantities).map(
    ([key, { symbol }]) => [key as AlignmentQuantity, symbol] as const,
  );
  choice(
    byId("alignment-choice"),
    "quantity",
    symbols,
    (chosen) => {
      quantity = chosen;
      remember("quantity", chosen);
      heatmap();
    },
    quantity,
  );
  const influences = Object.entries(influenceQuantities).map(
    ([key, { symbol }]) => [key as InfluenceQuantity, symbol] as const,
  );
  choice(
    byId("influence-choice"),
    "influence",
    influences,
    (chosen) => {
      influence = chosen;
      remember("influence", chosen);
      words();
    },
    influence,
  );
  app.onStudied(() => {
    heatmap();
    byId("cell").replaceChildren();
    remember("cell", null);
    const [t, j] = (asked ?? "").split(",").map(Number);
    asked = null;
    openCell(t, j);
  });
  app.onInfluence((study) => {
    influenced = study;
    words();
  });
}
