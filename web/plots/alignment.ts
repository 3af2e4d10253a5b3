import type { SentenceStudy } from "../../src/index.js";
import { wordMatrix } from "./matrix.js";

/** What the heatmap can show for a target word t and a source word j. */
export const alignmentQuantities = {
  alpha: { symbol: "α", name: "attention weight α" },
  alphaBar: { symbol: "ᾱ", name: "gradient of the weight ᾱ (nats)" },
  eBar: { symbol: "ē", name: "gradient of the score ē (nats)" },
  product: { symbol: "αᾱ", name: "gradient × attention αᾱ (nats)" },
} as const;

export type AlignmentQuantity = keyof typeof alignmentQuantities;

/** The part of a study that is shown here. */
export type Alignment = Pick<SentenceStudy, "source" | "target" | "gold" | "alpha" | "alphaBar" | "eBar">;

/** The chosen quantity [T][S]; null for a model without attention. */
export function alignmentMatrix(study: Alignment, quantity: AlignmentQuantity): readonly (readonly number[])[] | null {
  if (quantity !== "product") return study[quantity];
  const { alpha, alphaBar } = study;
  return alpha && alphaBar && alpha.map((row, t) => row.map((weight, j) => weight * alphaBar[t][j]));
}

/** The gold links as the heatmap marks them. */
export const goldCells = ({ gold }: Alignment): Set<string> => new Set(gold?.map(([j, t]) => `${t} ${j}`));

/** Target words down, source words across; a ring marks each gold link. α on a sequential scale, gradients on a diverging one. */
export function alignmentHeatmap(
  study: Alignment,
  quantity: AlignmentQuantity,
  width: number,
  onClick?: (t: number, j: number) => void,
): Element | null {
  const values = alignmentMatrix(study, quantity);
  if (!values) return null;
  return wordMatrix(
    {
      columns: study.source,
      rows: study.target,
      values,
      ...alignmentQuantities[quantity],
      scale: quantity === "alpha" ? "unit" : "signed",
      marked: goldCells(study),
      onClick,
    },
    width,
  );
}
