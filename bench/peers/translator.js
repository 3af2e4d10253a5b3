/** What the translators of all engines here share: RNNsearch by Backflow's names. */

/** The tokens of a batch: what is read, what the decoder is given, what it is to say. */
export const tokenNames = ["source", "target", "labels"];

/** Where a position is masked. */
export const FAR_BELOW = -1e9;

/** The parameters whose names begin with a prefix, under the rest of their names. */
export const partOf = (parameters, prefix) =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
