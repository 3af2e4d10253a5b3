import type { SentenceStudy } from "../../src/index.js";
import { wordMatrix } from "./matrix.js";

/** Each target word's own gradient, row by row. */
export const influenceMatrices = {
  influence: {
    symbol: "K",
    title: "On which source word each target word hangs",
    name: "K, norm of ∂ logit / ∂ embedding (logits per unit of x)",
  },
  stateInfluence: {
    symbol: "G",
    title: "Which encoder state each target word's loss pulls at",
    name: "G, norm of ∂ loss / ∂ state (nats per unit of h)",
  },
} as const;

export type InfluenceMatrix = keyof typeof influenceMatrices;

/** K or G, [T][S], on the sequential scale. */
export function influenceMatrix(
  study: Pick<SentenceStudy, "source" | "target" | InfluenceMatrix>,
  key: InfluenceMatrix,
  width: number,
): Element {
  const { symbol, name } = influenceMatrices[key];
  const { source: columns, target: rows } = study;
  return wordMatrix({ columns, rows, values: study[key], symbol, name, scale: "positive" }, width);
}
