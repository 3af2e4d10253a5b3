import { tokenNames } from "../translator.js";
import { models } from "./models.js";

/**
 * What tfjs does for a benchmark: (job, inputs) → { run, complete, results }.
 * @param tf tfjs with its back end chosen
 * @param waits whether calls return before their work is done
 */
export function tfjsJobs(tf, waits) {
  const { gru, attention, translatorLoss } = models(tf);

  /** Reads one number, which cannot be there before the tensor is. */
  async function arrived(tensor) {
    const one = tf.tidy(() => tf.slice(tf.reshape(tensor, [tensor.size]), [0], [1]));
    await one.data();
    one.dispose();
  }

  /** A function without arguments as a job. */
  function calling(call) {
    let latest = call();
    return {
      run: () => {
        tf.dispose(latest);
        latest = call();
      },
      complete: waits ? () => arrived(latest.at(-1)) : null,
      results: () => Promise.all(latest.map((one) => one.data())),
    };
  }

  /** Over the last axis; tfjs has none of its own. */
  function layerNorm(x, weight, bias) {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), weight), bias);
  }

  function kernel({ task, transposeA, transposeB, axis }, [x, y, z]) {
    const call = {
      matmul: () => tf.matMul(x, y, transposeA, transposeB),
      softmax: () => tf.softmax(x, axis),
      logSoftmax: () => tf.logSoftmax(x, axis),
      layerNorm: () => tf.tidy(() => layerNorm(x, y, z)),
      sum: () => tf.sum(x, axis),
      add: () => tf.add(x, y),
      mul: () => tf.mul(x, y),
      exp: () => tf.exp(x),
      sigmoid: () => tf.sigmoid(x),
      tanh: () => tf.tanh(x),
    }[task];
    return calling(() => [call()]);
  }

  /** The output of a layer, or the gradients of inputs by name. */
  function layer(forward, { weight, ...inputs }, names) {
    if (names.length === 0) return calling(() => [tf.tidy(() => forward(inputs))]);
    const gradients = tf.grads((...wanted) => {
      const replaced = Object.fromEntries(names.map((name, i) => [name, wanted[i]]));
      return tf.sum(tf.mul(forward({ ...inputs, ...replaced }), weight));
    });
    return calling(() => tf.tidy(() => gradients(names.map((name) => inputs[name]))));
  }

  /** The gradients of the first batch; then whole steps: forward, backward, clip to norm 1, Adam. */
  function trainingStep(inputs, names) {
    const parameters = Object.fromEntries(names.map((name) => [name, tf.variable(inputs[name], true, undefined)]));
    const variables = names.map((name) => parameters[name]);
    const integers = (name) => tf.cast(inputs[name], "int32");
    const given = Object.fromEntries(tokenNames.map((name) => [name, integers(name)]));
    const gradientsOf = (batch) => tf.variableGrads(() => translatorLoss(parameters, batch), variables);
    const first = tf.tidy(() => {
      const { grads } = gradientsOf(given);
      return variables.map(({ name }) => grads[name]);
    });
    const optimizer = tf.train.adam(1e-3);
    const { shape } = given.source;
    const vocabulary = parameters["srcEmbedding.weight"].shape[0];
    const fresh = () => tf.randomUniform(shape, 0, vocabulary, "int32");
    let loss = null;
    const run = () => {
      loss?.dispose();
      loss = tf.tidy(() => {
        const { value, grads } = gradientsOf(Object.fromEntries(tokenNames.map((name) => [name, fresh()])));
        const norm = tf.sqrt(tf.addN(Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)))));
        const scale = tf.minimum(tf.div(1, norm), 1);
        optimizer.applyGradients(
          Object.fromEntries(Object.entries(grads).map(([name, gradient]) => [name, tf.mul(gradient, scale)])),
        );
        return value;
      });
    };
    return {
      run,
      complete: waits ? async () => void (loss && (await arrived(loss))) : null,
      results: () => Promise.all(first.map((one) => one.data())),
    };
  }

  return async (job, inputs) => {
    const tensors = inputs.map(({ data, shape }) => tf.tensor(Float32Array.from(data), shape, "float32"));
    if (!job.gradients) return kernel(job, tensors);
    const named = Object.fromEntries(inputs.map(({ name }, i) => [name, tensors[i]]));
    if (job.task === "rnnsearch") return trainingStep(named, job.gradients);
    return layer(job.task === "gru" ? gru : attention, named, job.gradients);
  };
}
