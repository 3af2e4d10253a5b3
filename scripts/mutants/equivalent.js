/**
 * Mutants that change no gradient, each with the reason. A survivor that is not listed here is a hole in the checks.
 * `from` is the mutated code, `to` what it became.
 */
export const equivalent = [];
