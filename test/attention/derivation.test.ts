import { describe, expect, test } from "vitest";
import {
  AdditiveAttention,
  alias,
  createTranslator,
  crossEntropy,
  Random,
  randn,
  type Tensor,
  tensor,
} from "../../src/index.js";
import {
  apply,
  applyTransposed,
  column,
  dot,
  type Matrix,
  minus,
  norm,
  outer,
  plus,
  scaled,
  times,
  total,
  type Vector,
} from "./vectors.js";

// docs/additive-attention-backward.md, line by line. The right-hand sides are written out here on plain arrays;
// autograd, on named intermediates, gives the left-hand sides.

const matrix = (t: Tensor | null | undefined): Matrix => t?.arraySync() as Matrix;
const vector = (t: Tensor | null | undefined): Vector => t?.arraySync() as Vector;

function expectEqual(actual: Matrix, expected: Matrix): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const worst = Math.max(...actual.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected[i][j]))));
  expect(worst).toBeLessThan(1e-10);
}

/** Gives every intermediate on its way a gradient of its own, and keeps it. */
function recorder(): { tap: (site: string, x: Tensor) => Tensor; at: (site: string) => Tensor } {
  const seen = new Map<string, Tensor>();
  return {
    tap: (site, x) => {
      const own = alias(x).retainGrad();
      seen.set(site, own);
      return own;
    },
    at: (site) => seen.get(site) as Tensor,
  };
}

describe("one source, several queries, one masked position", () => {
  const random = new Random(12);
  const attention = new AdditiveAttention(
    { querySize: 2, valueSize: 3, attentionSize: 4 },
    { dtype: "float64", random },
  );
  const leaf = (shape: number[]): Tensor => {
    const x = randn(shape, { dtype: "float64", random });
    x.requiresGrad = true;
    return x;
  };
  const [queries, annotations] = [leaf([1, 3, 2]), leaf([1, 5, 3])];
  const mask = tensor([[true, true, true, true, false]]);
  const real = [0, 1, 2, 3];

  const { tap, at } = recorder();
  const memory = attention.memory(annotations, { mask, tap });
  const keysGradient = memory.keys.retainGrad();
  attention.forward(queries, memory, { tap }).context.pow(3).sum().backward();

  const h = matrix(annotations.at(0));
  const s = matrix(queries.at(0));
  const [W, U] = [matrix(attention.W.weight), matrix(attention.U.weight)];
  const v = vector(attention.v.weight.at(0));
  const alpha = matrix(at("alpha").at(0));
  const context = matrix(at("context").at(0));
  const gamma = matrix(at("context").grad?.at(0));
  const alphaBar = matrix(at("alpha").grad?.at(0));
  const eBar = matrix(at("e").grad?.at(0));
  const q = s.map((query) => h.map((key) => plus(apply(W, query), apply(U, key)).map(Math.tanh)));
  /** u[t][j] = ēₜⱼ v ⊙ (1 − qₜⱼ²) */
  const u = q.map((row, t) =>
    row.map((qtj, j) =>
      scaled(
        eBar[t][j],
        times(
          v,
          qtj.map((x) => 1 - x * x),
        ),
      ),
    ),
  );

  test("(1) ᾱₜⱼ = hⱼ · γₜ", () => {
    expectEqual(
      alphaBar,
      gamma.map((g) => h.map((hj) => dot(hj, g))),
    );
  });

  test("(2) ēₜ = (diag(αₜ) − αₜαₜᵀ) ᾱₜ", () => {
    expectEqual(
      eBar,
      alpha.map((a, t) => a.map((aj, j) => aj * alphaBar[t][j] - aj * dot(a, alphaBar[t]))),
    );
  });

  test("(3) ēₜⱼ = αₜⱼ (hⱼ − cₜ) · γₜ", () => {
    expectEqual(
      eBar,
      alpha.map((a, t) => a.map((aj, j) => aj * dot(minus(h[j], context[t]), gamma[t]))),
    );
  });

  test("(4) each row of ē sums to 0", () => {
    expectEqual(
      eBar.map((row) => [total(row.map((x) => [x]))[0]]),
      [[0], [0], [0]],
    );
  });

  test("(5) |ēₜⱼ| ≤ αₜⱼ ‖hⱼ − cₜ‖ ‖γₜ‖", () => {
    for (const [t, row] of eBar.entries()) {
      for (const j of real) {
        expect(Math.abs(row[j])).toBeLessThanOrEqual(alpha[t][j] * norm(minus(h[j], context[t])) * norm(gamma[t]));
      }
    }
  });

  test("(6) v̄ = Σₜⱼ ēₜⱼ qₜⱼ", () => {
    const sum = total(q.map((row, t) => total(row.map((qtj, j) => scaled(eBar[t][j], qtj)))));
    expectEqual(matrix(attention.v.weight.grad), [sum]);
  });

  test("(7) the projections W sₜ and U hⱼ get Σⱼ uₜⱼ and Σₜ uₜⱼ, u = ē v ⊙ (1 − q²)", () => {
    expectEqual(matrix(at("query").grad?.at(0)), u.map(total));
    expectEqual(
      matrix(keysGradient.grad?.at(0)),
      h.map((_, j) => total(u.map((row) => row[j]))),
    );
  });

  test("(8) W̄ = Σₜ (Σⱼ uₜⱼ) sₜᵀ and s̄ₜ = Wᵀ Σⱼ uₜⱼ", () => {
    const products = s.map((query, t) => outer(total(u[t]), query));
    expectEqual(
      matrix(attention.W.weight.grad),
      W.map((_, i) => total(products.map((m) => m[i]))),
    );
    expectEqual(
      matrix(queries.grad?.at(0)),
      u.map((row) => applyTransposed(W, total(row))),
    );
  });

  test("(9) Ū = Σⱼ (Σₜ uₜⱼ) hⱼᵀ", () => {
    const products = h.map((hj, j) => outer(total(u.map((row) => row[j])), hj));
    expectEqual(
      matrix(attention.U.weight.grad),
      U.map((_, i) => total(products.map((m) => m[i]))),
    );
  });

  const value = h.map((_, j) => applyTransposed(gamma, column(alpha, j)));
  const score = h.map((_, j) => applyTransposed(U, total(u.map((row) => row[j]))));

  test("(10) the value path gives hⱼ the gradient Σₜ αₜⱼ γₜ", () => {
    expectEqual(matrix(at("values").grad?.at(0)), value);
  });

  test("(11) the score path gives hⱼ the gradient Σₜ Uᵀ uₜⱼ", () => {
    expectEqual(matrix(at("keys").grad?.at(0)), score);
  });

  test("(12) h̄ⱼ is the sum of both", () => {
    expectEqual(
      matrix(annotations.grad?.at(0)),
      value.map((term, j) => plus(term, score[j])),
    );
  });

  test("(13) at a masked position ᾱ is what (1) says, but α, ē and h̄ are exactly 0", () => {
    expect(Math.abs(alphaBar[0][4])).toBeGreaterThan(0);
    const masked = [...column(alpha, 4), ...column(eBar, 4), ...matrix(annotations.grad?.at(0))[4]];
    expect(masked.every((x) => x === 0)).toBe(true);
  });
});

describe("where the score path is shut", () => {
  /** ē of a source attended once, for annotations and scores as given: the softmax and the sum alone. */
  const scoreGradient = (scores: Vector, h: Matrix): Vector => {
    const e = tensor([scores], { dtype: "float64", requiresGrad: true });
    const values = tensor(h, { dtype: "float64" });
    e.softmax().matmul(values).pow(3).sum().backward();
    return vector(e.grad?.at(0));
  };

  test("(14) equal annotations give no score a gradient, whatever α", () => {
    const equal = [0, 1, 2].map(() => [0.5, -1]);
    for (const x of scoreGradient([1, 2, 3], equal)) expect(Math.abs(x)).toBeLessThan(1e-15);
  });

  test("(15) as α comes near 1 at one position, every ē comes near 0", () => {
    const h = [
      [1, 2],
      [-1, 0.5],
      [3, 1],
    ];
    const sizes = [0, 5, 10, 20, 40].map((peak) => norm(scoreGradient([peak, 0, 0], h)));
    for (let i = 1; i < sizes.length; i++) expect(sizes[i]).toBeLessThan(sizes[i - 1]);
    expect(sizes[4]).toBeLessThan(1e-15);
  });
});

describe("inside RNNsearch", () => {
  const hidden = 3;
  const model = createTranslator(
    {
      model: "rnnsearch",
      sourceVocabulary: 8,
      targetVocabulary: 6,
      embeddingSize: 2,
      hiddenSize: hidden,
      attentionSize: 4,
    },
    { dtype: "float64", random: new Random(3) },
  );
  const source = tensor([[4, 7, 2, 5]], { dtype: "int32" });
  const target = tensor([[1, 3, 4, 2, 5]], { dtype: "int32" });
  const labels = tensor([[3, 4, 2, 5, 0]], { dtype: "int32" });
  const { tap, at } = recorder();
  crossEntropy(model.forward(source, source.notEqual(0), target, { tap }).logits, labels).backward();

  const steps = [0, 1, 2, 3, 4];
  const words = [0, 1, 2, 3];
  const parameters = model.stateDict();
  const h = matrix(at("encoder.h").at(0));
  const [W, U] = [matrix(parameters["W.weight"]), matrix(parameters["U.weight"])];
  const v = vector(parameters["v.weight"].at(0));
  const each = (site: string): Matrix => steps.map((t) => vector(at(`decoder.${site}[${t}]`).at(0)));
  const eachBar = (site: string): Matrix => steps.map((t) => vector(at(`decoder.${site}[${t}]`).grad?.at(0)));
  const [alpha, context, gamma, eBar] = [each("alpha"), each("context"), eachBar("context"), eachBar("e")];
  const u = steps.map((t) =>
    h.map((hj, j) => {
      const q = plus(vector(at(`decoder.query[${t}]`).at(0)), apply(U, hj)).map(Math.tanh);
      return scaled(
        eBar[t][j],
        times(
          v,
          q.map((x) => 1 - x * x),
        ),
      );
    }),
  );
  const value = words.map((j) => applyTransposed(gamma, column(alpha, j)));
  const score = words.map((j) => applyTransposed(U, total(u.map((row) => row[j]))));

  /** The gradient of direction d's state at word j by its site; zeros where nothing carries it on. */
  const stateGradient = (direction: string, kind: "state" | "recurrence", j: number): Vector => {
    const site = at(`encoder.${direction}.${kind}[${j}]`) as Tensor | undefined;
    return site ? vector(site.grad?.at(0)) : new Array<number>(hidden).fill(0);
  };

  test("(16) with γₜ all that comes back to cₜ, lines (1) and (3) hold at every decoder step", () => {
    expectEqual(
      eachBar("alpha"),
      gamma.map((g) => h.map((hj) => dot(hj, g))),
    );
    expectEqual(
      eBar,
      alpha.map((a, t) => a.map((aj, j) => aj * dot(minus(h[j], context[t]), gamma[t]))),
    );
    expectEqual(eachBar("query"), u.map(total));
  });

  test("(17) the annotations get value and score terms, summed over the target", () => {
    expectEqual(matrix(at("attention.values").grad?.at(0)), value);
    expectEqual(matrix(at("attention.keys").grad?.at(0)), score);
    expectEqual(
      matrix(at("encoder.h").grad?.at(0)),
      value.map((term, j) => plus(term, score[j])),
    );
  });

  test("(18) the bridge gives the first backward state Bᵀ [s̄₀ ⊙ (1 − s₀²)]", () => {
    const B = matrix(parameters["bridge.weight"]);
    const s0 = plus(apply(B, vector(at("bridge").at(0))), vector(parameters["bridge.bias"])).map(Math.tanh);
    // s₀ is used by the first query and by the first step of the cell: both through the same projections as later.
    const fromQuery = applyTransposed(W, total(u[0]));
    const fromCell = cellStateGradient(s0, 0);
    const s0Bar = plus(fromQuery, fromCell);
    expectEqual(
      [vector(at("bridge").grad?.at(0))],
      [
        applyTransposed(
          B,
          times(
            s0Bar,
            s0.map((x) => 1 - x * x),
          ),
        ),
      ],
    );
  });

  test("(19) the recurrence gives hⱼ the gradient Jᵀ h̄ of the state it goes into", () => {
    for (const [direction, suffix, next] of [
      ["forward", "_l0", 1],
      ["backward", "_l0_reverse", -1],
    ] as const) {
      for (const j of words) {
        if (j + next < 0 || j + next >= words.length) continue;
        const before = vector(at(`encoder.${direction}.state[${j}]`).at(0));
        const x = vector(
          at("source.embedding")
            .at(0)
            .at(j + next),
        );
        const expected = gruStateGradient("encoder.", suffix, x, before, stateGradient(direction, "state", j + next));
        expectEqual([stateGradient(direction, "recurrence", j)], [expected]);
      }
    }
  });

  test("(20) h̄ⱼ = value + score + bridge + recurrence, exactly those four", () => {
    for (const j of words) {
      const bridge = [
        ...new Array<number>(hidden).fill(0),
        ...(j === 0 ? vector(at("bridge").grad?.at(0)) : [0, 0, 0]),
      ];
      const recurrence = ["forward", "backward"].flatMap((direction) => stateGradient(direction, "recurrence", j));
      const sum = [value[j], score[j], bridge, recurrence].reduce(plus);
      const whole = ["forward", "backward"].flatMap((direction) => stateGradient(direction, "state", j));
      expectEqual([whole], [sum]);
    }
  });

  /** s̄ₜ₋₁ by way of the decoder's cell at step t. */
  function cellStateGradient(before: Vector, t: number): Vector {
    const y = vector(parameters["tgtEmbedding.weight"].at(vector(target.at(0))[t]));
    const after = vector(at(`decoder.s[${t}]`).grad?.at(0));
    return gruStateGradient("cell.", "", [...y, ...context[t]], before, after);
  }

  /**
   * h̄ of h′ = (1 − z) n + z h: z ⊙ h̄′ + Wₕᵀ [dr; dz; r ⊙ dn], with
   * dn = h̄′ (1 − z) (1 − n²), dz = h̄′ (h − n) z (1 − z), dr = dn ⊙ (Wₕₙ h + bₕₙ) ⊙ r (1 − r).
   */
  function gruStateGradient(prefix: string, suffix: string, x: Vector, before: Vector, after: Vector): Vector {
    const read = (name: string): Tensor => parameters[`${prefix}${name}${suffix}`];
    const gi = plus(apply(matrix(read("weight_ih")), x), vector(read("bias_ih")));
    const Wh = matrix(read("weight_hh"));
    const gh = plus(apply(Wh, before), vector(read("bias_hh")));
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    const gates = before.map((_, i) => {
      const r = sigmoid(gi[i] + gh[i]);
      const z = sigmoid(gi[hidden + i] + gh[hidden + i]);
      const n = Math.tanh(gi[2 * hidden + i] + r * gh[2 * hidden + i]);
      const dn = after[i] * (1 - z) * (1 - n * n);
      const dz = after[i] * (before[i] - n) * z * (1 - z);
      return { z, r: dn * gh[2 * hidden + i] * r * (1 - r), dz, n: r * dn };
    });
    const gateGradients = [...gates.map(({ r }) => r), ...gates.map(({ dz }) => dz), ...gates.map(({ n }) => n)];
    return plus(
      gates.map(({ z }, i) => z * after[i]),
      applyTransposed(Wh, gateGradients),
    );
  }
});
