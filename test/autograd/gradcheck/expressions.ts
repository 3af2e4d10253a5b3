import fc from "fast-check";
import { concat, matmul, Random, randn, type Tensor, tensor } from "../../../src/index.js";

/** A function of one or two tensors of any shape, so that every composition has a value. */
type Step = (x: Tensor, y: Tensor) => Tensor;

const fitsBeside = (x: Tensor, y: Tensor): boolean => {
  const rank = Math.max(x.rank, y.rank);
  return Array.from({ length: rank }, (_, i) => i + 1).every((i) => {
    const [m, n] = [x.shape[x.rank - i] ?? 1, y.shape[y.rank - i] ?? 1];
    return m === n || m === 1 || n === 1;
  });
};

/** y as it is where it broadcasts with x, else its mean. */
const beside = (x: Tensor, y: Tensor): Tensor => (fitsBeside(x, y) && x.size * y.size <= 200 ? y : y.mean());

const asMatrix = (x: Tensor): Tensor => x.reshape([-1, x.shape[x.rank - 1] ?? 1]);

export const unarySteps: Record<string, Step> = {
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  softplus: (x) => x.softplus(),
  exp: (x) => x.tanh().exp(),
  square: (x) => x.mul(x).tanh(),
  relu: (x) => x.relu(),
  abs: (x) => x.abs(),
  softmax: (x) => (x.rank > 0 ? x.softmax() : x),
  logSoftmax: (x) => (x.rank > 0 ? x.logSoftmax({ axis: 0 }).tanh() : x),
  mean: (x) => x.mean(),
  meanRows: (x) => (x.rank > 0 ? x.mean({ axis: 0, keepDims: true }) : x),
  sumLast: (x) => (x.rank > 0 ? x.sum({ axis: -1 }).tanh() : x),
  max: (x) => (x.rank > 0 ? x.max({ axis: -1, keepDims: true }) : x),
  transpose: (x) => (x.rank > 1 ? x.transpose() : x),
  flatten: (x) => x.reshape([-1]),
  reversed: (x) => (x.rank > 0 ? x.slice([null, null, -1]) : x),
  firstRow: (x) => (x.rank > 0 ? x.at(0) : x),
  rows: (x) => (x.rank > 0 ? x.gather(tensor([0, (x.shape[0] ?? 1) - 1, 0], { dtype: "int32" })) : x),
  padded: (x) => (x.rank > 0 && x.size < 40 ? x.pad([[1, 0]]) : x),
};

export const binarySteps: Record<string, Step> = {
  add: (x, y) => x.add(beside(x, y)),
  sub: (x, y) => x.sub(beside(x, y)),
  mul: (x, y) => x.mul(beside(x, y)),
  div: (x, y) => x.div(beside(x, y).abs().add(1)),
  maximum: (x, y) => x.maximum(beside(x, y)),
  where: (x, y) => x.greater(0.1).where(beside(x, y), x),
  gram: (x, y) => {
    const [a, b] = [asMatrix(x), asMatrix(y)];
    return a.shape[1] === b.shape[1] ? matmul(a, b, { transposeB: true }).tanh() : a.mul(y.mean());
  },
  concat: (x, y) => concat([x.reshape([-1]), y.reshape([-1])]).slice([0, 12]),
};

/** A composition, written as people write it: mul(tanh(x0), x1). */
export class Expression {
  constructor(
    readonly name: string,
    readonly parts: readonly Expression[],
    readonly steps: Readonly<Record<string, Step>>,
  ) {}

  evaluate(inputs: readonly Tensor[]): Tensor {
    const leaf = /^x(\d)$/.exec(this.name);
    if (leaf) return inputs[Number(leaf[1])] as Tensor;
    const [x, y = x] = this.parts.map((part) => part.evaluate(inputs)) as [Tensor, Tensor?];
    return (this.steps[this.name] as Step)(x, y);
  }

  toString(): string {
    return this.parts.length > 0 ? `${this.name}(${this.parts.join(", ")})` : this.name;
  }

  [fc.toStringMethod](): string {
    return this.toString();
  }
}

/** Shapes that broadcast against each other, and one that does not. */
const shapes = [[2, 3], [3], [2, 1], [1, 3], [], [4], [2, 2, 3]];

export interface Problem {
  readonly expression: Expression;
  readonly shapes: readonly (readonly number[])[];
  readonly seed: number;
}

/** Random compositions of depth up to 6 over three inputs of random shapes. An input may stand in several places. */
export function problems(extra: Record<string, Step> = {}): fc.Arbitrary<Problem> {
  const unary = { ...unarySteps, ...extra };
  const steps = { ...unary, ...binarySteps };
  const leaf = fc.constantFrom("x0", "x1", "x2").map((name) => new Expression(name, [], steps));
  const node: (depth?: number) => fc.Arbitrary<Expression> = fc.memo((depth) => {
    if (depth <= 1) return leaf;
    const one = fc
      .tuple(fc.constantFrom(...Object.keys(unary)), node(depth - 1))
      .map(([name, x]) => new Expression(name, [x], steps));
    const two = fc
      .tuple(fc.constantFrom(...Object.keys(binarySteps)), node(depth - 1), node(depth - 1))
      .map(([name, x, y]) => new Expression(name, [x, y], steps));
    return fc.oneof(leaf, { arbitrary: one, weight: 4 }, { arbitrary: two, weight: 4 });
  });
  return new ProblemArbitrary(
    fc.record({
      expression: node(6),
      shapes: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(...shapes))),
      seed: fc.integer({ min: 0, max: 1000 }),
    }),
  );
}

/** Every expression that is one step simpler: a part in the place of the whole, here or anywhere inside. */
function* simpler(whole: Expression): Generator<Expression> {
  yield* whole.parts;
  for (const [i, part] of whole.parts.entries()) {
    for (const less of simpler(part)) yield new Expression(whole.name, whole.parts.with(i, less), whole.steps);
  }
}

/** Shrinks a composition as a person would: by leaving steps out. */
class ProblemArbitrary extends fc.Arbitrary<Problem> {
  constructor(private readonly drawn: fc.Arbitrary<Problem>) {
    super();
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<Problem> {
    return new fc.Value(this.drawn.generate(random, bias).value, undefined);
  }

  override canShrinkWithoutContext(_value: unknown): _value is Problem {
    return false;
  }

  override shrink(problem: Problem): fc.Stream<fc.Value<Problem>> {
    const candidates = [...simpler(problem.expression)].map((expression) => ({ ...problem, expression }));
    return fc.stream(candidates.map((candidate) => new fc.Value<Problem>(candidate, undefined))[Symbol.iterator]());
  }
}

export function inputsOf(problem: Problem): Tensor[] {
  const random = new Random(problem.seed);
  return problem.shapes.map((shape) => randn(shape, { dtype: "float64", random }));
}
