import { DataError } from "../errors.js";

/** Source and target position, counted from 0. */
export type AlignmentLink = readonly [source: number, target: number];

export interface GoldAlignment {
  /** S: links that must be there. */
  readonly sure: readonly AlignmentLink[];
  /** P: links that may be there, besides the sure ones. None unless told: gold = S = P. */
  readonly possible?: readonly AlignmentLink[];
}

/**
 * Alignment error rate (Och & Ney 2003, section 5) over all sentences together:
 *
 *   AER = 1 − (|A ∩ S| + |A ∩ P|) / (|A| + |S|),   S ⊆ P
 *
 * A: the links of the model. 0 is perfect. Links count as sets: a link said twice counts once. 0 where neither side
 * has a link.
 *
 * @throws DataError where the two lists differ in length
 */
export function alignmentErrorRate(
  gold: readonly GoldAlignment[],
  predicted: readonly (readonly AlignmentLink[])[],
): number {
  if (gold.length !== predicted.length) {
    throw new DataError(`alignmentErrorRate: ${predicted.length} alignments for ${gold.length} gold ones`);
  }
  let [found, said] = [0, 0];
  gold.forEach(({ sure, possible = [] }, sentence) => {
    const sureLinks = linkSet(sure);
    const possibleLinks = linkSet([...sure, ...possible]);
    const links = linkSet(predicted[sentence]);
    for (const link of links) found += Number(sureLinks.has(link)) + Number(possibleLinks.has(link));
    said += links.size + sureLinks.size;
  });
  return said === 0 ? 0 : 1 - found / said;
}

const linkSet = (links: readonly AlignmentLink[]) => new Set(links.map(([source, target]) => `${source} ${target}`));

/**
 * The alignment that attention weights stand for: each target token is linked to the source token with the largest
 * weight, the first of equals.
 *
 * `weights[t][j]` belongs to the step that **says** target token t. Rows past `targetLength` (`<eos>`, padding) are
 * left out. Columns past `sourceLength` take part: a target token that looks at the source's `<eos>` most of all is
 * aligned to nothing and gives no link. Padding must have weight 0.
 *
 * A target token that gold leaves unaligned costs precision when it is linked all the same: only `<eos>` can say
 * "nothing". In the generated grammar every target token has exactly one gold link, so 0 can be reached there.
 */
export function hardAlignment(
  weights: readonly ArrayLike<number>[],
  lengths: { readonly sourceLength: number; readonly targetLength: number },
): AlignmentLink[] {
  const links: AlignmentLink[] = [];
  weights.slice(0, lengths.targetLength).forEach((row, target) => {
    let best = 0;
    for (let source = 1; source < row.length; source++) if (row[source] > row[best]) best = source;
    if (best < lengths.sourceLength) links.push([best, target]);
  });
  return links;
}
