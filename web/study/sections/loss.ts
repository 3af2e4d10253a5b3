import type { SentenceStudy } from "../../../src/index.js";
import { figure } from "../../page/figure.js";
import { wordMatrix } from "../../plots/matrix.js";
import type { App } from "../app.js";

const quantities = {
  influence: { symbol: "K", name: "K, norm of ∂ logit / ∂ embedding (logits per unit of x)" },
  stateInfluence: { symbol: "G", name: "G, norm of ∂ loss / ∂ state (nats per unit of h)" },
} as const;

/** 5. Which loss: each target word's own gradient, beside α. */
export function lossSection(app: App): void {
  const draw = (study: SentenceStudy, key: keyof typeof quantities, width: number): Element =>
    wordMatrix(
      { columns: study.source, rows: study.target, values: study[key], ...quantities[key], scale: "positive" },
      width,
    );
  const redraws = (["influence", "stateInfluence"] as const).map((key) =>
    figure(`loss-${key}`, {
      draw: (width) => app.studied && draw(app.studied.study, key, width),
      table: () => {
        const { source, target, [key]: matrix } = app.studied!.study;
        return matrix.flatMap((row, t) =>
          row.map((value, j) => ({ t, j, target: target[t], source: source[j], [quantities[key].symbol]: value })),
        );
      },
    }),
  );
  redraws.push(
    figure("loss-alpha", {
      draw: (width) => {
        const { study } = app.studied ?? {};
        return study?.alpha
          ? wordMatrix(
              { columns: study.source, rows: study.target, values: study.alpha, symbol: "α", name: "α", scale: "unit" },
              width,
            )
          : null;
      },
      otherwise: "This model has no attention.",
    }),
  );
  app.onStudied(() => {
    for (const redraw of redraws) redraw();
  });
}
