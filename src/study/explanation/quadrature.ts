/** A point of a quadrature rule on [0, 1]; the weights of a rule sum to 1. */
export interface Node {
  readonly x: number;
  readonly weight: number;
}

/**
 * Gauss–Legendre quadrature on [0, 1]: exact for polynomials of degree 2n − 1. Nodes are the zeros of the Legendre
 * polynomial Pₙ, found by Newton's method from Tricomi's estimate.
 */
export function gaussLegendre(count: number): Node[] {
  return Array.from({ length: count }, (_, i) => {
    let z = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      const { value, derivative } = legendre(count, z);
      slope = derivative;
      const change = value / derivative;
      z -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    return { x: (1 - z) / 2, weight: 1 / ((1 - z * z) * slope * slope) };
  });
}

/** Pₙ(z) and its derivative: k Pₖ = (2k − 1) z Pₖ₋₁ − (k − 1) Pₖ₋₂,  (z² − 1) Pₙ′ = n (z Pₙ − Pₙ₋₁). */
function legendre(n: number, z: number): { value: number; derivative: number } {
  let [before, value] = [1, z];
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * z * value - (k - 1) * before) / k];
  return { value, derivative: (n * (z * value - before)) / (z * z - 1) };
}
