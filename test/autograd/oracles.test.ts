import { describe, expect, test } from "vitest";
import * as bf from "../../src/index.js";
import { compareWithOracle, fromOracle, readOracle } from "../oracle.js";

type Inputs = Readonly<Record<string, bf.Tensor>>;
type Options = Readonly<Record<string, number & boolean>>;
type Run = (inputs: Inputs, options: Options) => bf.Tensor;

const cases: Record<string, Run> = {
  tanh: ({ x }) => x.tanh(),
  sigmoid: ({ x }) => x.sigmoid(),
  exp: ({ x }) => x.exp(),
  relu: ({ x }) => x.relu(),
  log: ({ x }) => x.log(),
  sqrt: ({ x }) => x.sqrt(),
  broadcast_add: ({ x, y }) => x.add(y),
  broadcast_sub: ({ x, y }) => x.sub(y),
  broadcast_mul: ({ x, y }) => x.mul(y),
  broadcast_div: ({ x, y }) => x.div(y),
  softmax_large: ({ x }, { axis }) => x.softmax({ axis }),
  matmul_2d: ({ x, y }) => x.matmul(y),
  matmul_batched: ({ x, y }) => x.matmul(y),
  matmul_broadcast: ({ x, y }) => x.matmul(y),
  matmul_vec: ({ x, y }) => x.matmul(y),
  transpose_reshape_slice: ({ x }) => x.transpose(0, 2).reshape([4, 6]).slice([1, 3], [null, null, 2]),
  concat_stack: ({ x, y }) => bf.stack([bf.concat([x, y], { axis: 1 }), bf.concat([y, x], { axis: 1 })]),
  embedding: ({ weight, ids }) => weight.gather(ids),
  cross_entropy_ignore: ({ x, target }, { ignoreIndex }) => x.crossEntropy(target, { ignoreIndex }),
  cross_entropy_smooth: ({ x, target }, { labelSmoothing }) => x.crossEntropy(target, { labelSmoothing }),
};
for (const axis of [0, 1, 2]) {
  cases[`softmax_axis${axis}`] = ({ x }, options) => x.softmax({ axis: options.axis });
  cases[`log_softmax_axis${axis}`] = ({ x }, options) => x.logSoftmax({ axis: options.axis });
  cases[`sum_axis${axis}`] = ({ x }, options) => x.sum({ axis: options.axis });
  cases[`mean_axis${axis}_keep`] = ({ x }, options) => x.mean({ axis: options.axis, keepDims: options.keepDims });
  cases[`max_axis${axis}`] = ({ x }, options) => x.max({ axis: options.axis });
}

describe("operations agree with PyTorch in float64, outputs and all gradients", () => {
  test.each(Object.keys(cases))("%s to 1e-10", (name) => {
    const oracle = readOracle(name);
    const names = [...Object.keys(oracle.inputs), ...Object.keys(oracle.params)];
    const leaves = Object.fromEntries(names.map((input) => [input, fromOracle(oracle, input)]));
    const y = (cases[name] as Run)(leaves, oracle.options as Options);
    expect(compareWithOracle(oracle, { y }, leaves)).toBeLessThan(1e-10);
  });
});
