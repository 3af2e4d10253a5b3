/**
 * Kendall's τ_b (Kendall 1945) of two rankings: (concordant − discordant pairs) over their geometric mean number of
 * untied pairs; 1 for the same order, −1 for the opposite one.
 * @returns null where one side has nothing but ties
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number | null {
  let [balance, untiedA, untiedB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let k = 0; k < i; k++) {
      const [signA, signB] = [Math.sign(a[i] - a[k]), Math.sign(b[i] - b[k])];
      balance += signA * signB;
      untiedA += Math.abs(signA);
      untiedB += Math.abs(signB);
    }
  }
  return untiedA === 0 || untiedB === 0 ? null : balance / Math.sqrt(untiedA * untiedB);
}
