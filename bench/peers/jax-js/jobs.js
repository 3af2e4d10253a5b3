import { tokenNames } from "../translator.js";
import { models } from "./models.js";

const [BETA1, BETA2, EPSILON, LEARNING_RATE] = [0.9, 0.999, 1e-8, 1e-3];

/**
 * What jax-js does for a benchmark, every call compiled by `jit`: (job, inputs) → { run, complete, results }.
 * @param jax the package, its device chosen
 */
export function jaxJobs(jax) {
  const { blockUntilReady, grad, jit, nn, numpy: np, tree, valueAndGrad } = jax;
  const { gru, attention, translatorLoss } = models(jax);

  /** A compiled function of a list or record of arrays, which gives a list. */
  function calling(compiled, inputs) {
    const call = () => compiled(tree.ref(inputs));
    // Work whose result is dropped before it began is never done: results are kept until they have been waited for.
    let asked = [call()];
    return {
      run: () => void asked.push(call()),
      complete: async () => {
        await blockUntilReady(asked);
        tree.dispose(asked.slice(0, -1));
        asked = asked.slice(-1);
      },
      results: () => Promise.all(asked[0].map((one) => one.ref.data())),
    };
  }

  function kernel({ task, transposeA, transposeB, axis }, inputs) {
    const call = {
      matmul: ([a, b]) => np.matmul(transposeA ? np.transpose(a) : a, transposeB ? np.transpose(b) : b),
      softmax: ([x]) => nn.softmax(x, axis),
      logSoftmax: ([x]) => nn.logSoftmax(x, axis),
      layerNorm: ([x, weight, bias]) => nn.standardize(x, -1).mul(weight).add(bias),
      sum: ([x]) => np.sum(x, axis),
      add: ([x, y]) => x.add(y),
      mul: ([x, y]) => x.mul(y),
      exp: ([x]) => np.exp(x),
      sigmoid: ([x]) => nn.sigmoid(x),
      tanh: ([x]) => np.tanh(x),
    }[task];
    return calling(
      jit((list) => [call(list)]),
      inputs,
    );
  }

  /** The output of a layer, or the gradients of inputs by name. */
  function layer(forward, inputs, names) {
    if (names.length === 0) {
      return calling(
        jit((record) => [forward(record)]),
        inputs,
      );
    }
    const rest = Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));
    const wanted = Object.fromEntries(names.map((name) => [name, inputs[name]]));
    const gradient = grad((chosen, { weight, ...others }) =>
      forward({ ...chosen, ...others })
        .mul(weight.ref)
        .sum(),
    );
    const compiled = jit(([chosen, others]) => {
      const gradients = gradient(chosen, others);
      return names.map((name) => gradients[name]);
    });
    return calling(compiled, [wanted, rest]);
  }

  /** Clip to norm 1, then Adam (Kingma & Ba 2015); `rate` has the bias corrections in it. */
  function updated(parameters, gradients, first, second, rate) {
    const names = Object.keys(parameters);
    const mapped = (of) => Object.fromEntries(names.map((name) => [name, of(name)]));
    const squares = names.map((name) => np.square(gradients[name].ref).sum());
    const norm = np.sqrt(squares.reduce((sum, one) => sum.add(one)));
    const scale = np.minimum(np.reciprocal(norm), 1);
    const clipped = mapped((name) => gradients[name].mul(scale.ref));
    const m = mapped((name) => first[name].mul(BETA1).add(clipped[name].ref.mul(1 - BETA1)));
    const v = mapped((name) => second[name].mul(BETA2).add(np.square(clipped[name]).mul(1 - BETA2)));
    const next = mapped((name) =>
      parameters[name].sub(m[name].ref.mul(rate.ref).div(np.sqrt(v[name].ref).add(EPSILON))),
    );
    return [next, m, v];
  }

  /** The gradients of the first batch; then whole steps: forward, backward, clip to norm 1, Adam. */
  function trainingStep(inputs, names) {
    const { shape } = inputs.source;
    const vocabulary = inputs["srcEmbedding.weight"].shape[0];
    const integers = (numbers) => np.array(Int32Array.from(numbers), { dtype: np.int32 }).reshape(shape);
    const given = Object.fromEntries(tokenNames.map((name) => [name, inputs[name].astype(np.int32)]));
    let parameters = Object.fromEntries(names.map((name) => [name, inputs[name]]));
    let first = tree.map((one) => np.zeros(one.shape), parameters);
    let second = tree.map((one) => np.zeros(one.shape), parameters);
    const lossAndGradients = jit((at, batch) => valueAndGrad(translatorLoss)(at, batch));
    const update = jit(updated);
    const [, gradients] = lossAndGradients(tree.ref(parameters), given);
    const size = shape[0] * shape[1];
    const fresh = () => integers(Int32Array.from({ length: size }, () => Math.floor(Math.random() * vocabulary)));
    let steps = 0;
    let losses = [];
    return {
      run: () => {
        steps++;
        const rate = (LEARNING_RATE * Math.sqrt(1 - BETA2 ** steps)) / (1 - BETA1 ** steps);
        const batch = Object.fromEntries(tokenNames.map((name) => [name, fresh()]));
        const [loss, found] = lossAndGradients(tree.ref(parameters), batch);
        losses.push(loss);
        [parameters, first, second] = update(parameters, found, first, second, np.array(rate));
      },
      complete: async () => {
        await blockUntilReady([losses, parameters]);
        tree.dispose(losses);
        losses = [];
      },
      results: () => Promise.all(names.map((name) => gradients[name].data())),
    };
  }

  return async (job, inputs) => {
    const arrays = inputs.map(({ data, shape }) => np.array(Float32Array.from(data)).reshape(shape));
    if (!job.gradients) return kernel(job, arrays);
    const named = Object.fromEntries(inputs.map(({ name }, i) => [name, arrays[i]]));
    if (job.task === "rnnsearch") return trainingStep(named, job.gradients);
    return layer(job.task === "gru" ? gru : attention, named, job.gradients);
  };
}
