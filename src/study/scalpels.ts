import { DataError } from "../errors.js";
import type { Tap } from "../nn/tap.js";

interface Scalpel {
  /** What is cut, in a few words. */
  readonly description: string;
  /** The sites at which nothing flows back any more. The forward pass stays as it is. */
  readonly sites: RegExp;
}

/** Cuts through the backward pass, by name. The forward pass, and so every output, stays the same. */
export const scalpels = {
  attention: { description: "α taken as a constant", sites: /^decoder\.alpha\[/ },
  value: { description: "no gradient through the values that the context sums", sites: /^attention\.values$/ },
  score: { description: "no gradient through the keys that the scores compare", sites: /^attention\.keys$/ },
  bridge: { description: "no gradient through the decoder's initial state", sites: /^bridge$/ },
  recurrence: {
    description: "no gradient from one encoder state to the one before",
    sites: /^encoder\.(forward|backward)\.recurrence\[/,
  },
  decoder: { description: "no gradient from one decoder state to the one before", sites: /^decoder\.recurrence\[/ },
} as const satisfies Record<string, Scalpel>;

export type ScalpelName = keyof typeof scalpels;

/**
 * A change for a trace or a study: the named paths cut, everything else as it was.
 * @example studySentence(model, vocabularies, sentence, { change: cut("score", "recurrence") })
 * @throws DataError for a name that is none
 */
export function cut(...names: readonly ScalpelName[]): Tap {
  for (const name of names) {
    if (!Object.hasOwn(scalpels, name)) {
      throw new DataError(`cut: no scalpel "${name}": there are ${Object.keys(scalpels).join(", ")}`);
    }
  }
  return (site, x) => (names.some((name) => scalpels[name].sites.test(site)) ? x.detach() : x);
}

/**
 * Truncated back-propagation through the encoder: each direction's steps fall into blocks of `steps`, counted from
 * where it starts, and no gradient goes from one block to the one before.
 * @param length source tokens, `<eos>` counted
 * @throws DataError unless `steps` is a whole number of 1 or more; with 1 the recurrence is cut everywhere
 */
export function truncated(steps: number, length: number): Tap {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new DataError(`truncated: steps must be a whole number of 1 or more, got ${steps}`);
  }
  const site = /^encoder\.(forward|backward)\.recurrence\[(\d+)\]$/;
  return (name, x) => {
    const [, direction, word] = site.exec(name) ?? [];
    if (!direction) return x;
    const done = direction === "forward" ? Number(word) + 1 : length - Number(word);
    return done % steps === 0 ? x.detach() : x;
  };
}

/** Several changes one after the other. */
export const together =
  (...changes: readonly Tap[]): Tap =>
  (site, x) =>
    changes.reduce((changed, change) => change(site, changed), x);
