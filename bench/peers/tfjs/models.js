/**
 * Recurrent layer, attention and translator in tfjs, written in its operations: its own GRU layer has no bias inside the
 * reset product (`resetAfter` is refused), so it cannot compute PyTorch's and Backflow's form.
 */

import { FAR_BELOW, partOf } from "../translator.js";

/** @param tf tfjs with its back end chosen */
export function models(tf) {
  const linear = (x, weight, bias) => {
    const y = tf.matMul(x, weight, false, true);
    return bias ? tf.add(y, bias) : y;
  };

  /** r = σ(·)   z = σ(·)   n = tanh(iₙ + r ⊙ hₙ)   h′ = n + z ⊙ (h − n) */
  function gruStep(gates, hidden, weight, bias) {
    const [inputReset, inputUpdate, inputNew] = tf.split(gates, 3, 1);
    const [stateReset, stateUpdate, stateNew] = tf.split(linear(hidden, weight, bias), 3, 1);
    const reset = tf.sigmoid(tf.add(inputReset, stateReset));
    const update = tf.sigmoid(tf.add(inputUpdate, stateUpdate));
    const fresh = tf.tanh(tf.add(inputNew, tf.mul(reset, stateNew)));
    return tf.add(fresh, tf.mul(update, tf.sub(hidden, fresh)));
  }

  /** x [batch, time, features] → hidden states [time] of [batch, hidden], in the order of time. */
  function gru(x, parameters, suffix = "") {
    const named = (name) => parameters[`${name}_l0${suffix}`];
    const [batch, time, features] = x.shape;
    const weight = named("weight_hh");
    const size = weight.shape[1];
    const gates = linear(tf.reshape(x, [batch * time, features]), named("weight_ih"), named("bias_ih"));
    const steps = tf.unstack(tf.reshape(gates, [batch, time, 3 * size]), 1);
    // A copy: the tape keeps the list itself for the gradient.
    const order = suffix === "" ? steps : [...steps].reverse();
    let hidden = tf.zeros([batch, size]);
    const states = order.map((step) => {
      hidden = gruStep(step, hidden, weight, named("bias_hh"));
      return hidden;
    });
    return suffix === "" ? states : states.reverse();
  }

  /** query [batch, T, a], keys [batch, S, a], values [batch, S, d], v [a], mask [batch, S] → context [batch, T, d] */
  function attention({ query, keys, values, v, mask }) {
    const [batch, queries, size] = query.shape;
    const source = keys.shape[1];
    const energy = tf.tanh(tf.add(tf.expandDims(query, 2), tf.expandDims(keys, 1)));
    const rows = tf.matMul(tf.reshape(energy, [batch * queries * source, size]), tf.reshape(v, [size, 1]));
    const scores = tf.reshape(rows, [batch, queries, source]);
    const real = tf.cast(tf.expandDims(mask, 1), "bool");
    return tf.matMul(tf.softmax(tf.where(real, scores, tf.scalar(FAR_BELOW))), values);
  }

  /** Rows of a table. The WebAssembly back end has no kernel for the gradient of a gather, so there it is a product. */
  const embed = (table, ids) => {
    if (tf.getKernel("UnsortedSegmentSum", tf.getBackend())) return tf.gather(table, ids);
    const rows = tf.matMul(tf.oneHot(tf.reshape(ids, [ids.size]), table.shape[0]), table);
    return tf.reshape(rows, [...ids.shape, table.shape[1]]);
  };

  /** The mean cross-entropy of RNNsearch under teacher forcing. Tokens [batch, time]. */
  function translatorLoss(parameters, { source, target, labels }) {
    const encoder = partOf(parameters, "encoder.");
    const cell = partOf(parameters, "cell.");
    const embedded = embed(parameters["srcEmbedding.weight"], source);
    const forward = tf.stack(gru(embedded, encoder), 1);
    const backwardStates = gru(embedded, encoder, "_reverse");
    const values = tf.concat([forward, tf.stack(backwardStates, 1)], 2);
    const [batch, time, size] = values.shape;
    const keys = linear(tf.reshape(values, [batch * time, size]), parameters["U.weight"]);
    const memory = {
      keys: tf.reshape(keys, [batch, time, keys.shape[1]]),
      values,
      v: parameters["v.weight"],
      mask: tf.ones([batch, time]),
    };
    const words = tf.unstack(embed(parameters["tgtEmbedding.weight"], target), 1);
    let hidden = tf.tanh(linear(backwardStates[0], parameters["bridge.weight"], parameters["bridge.bias"]));
    const readouts = words.map((word) => {
      const query = tf.expandDims(linear(hidden, parameters["W.weight"]), 1);
      const context = tf.squeeze(attention({ query, ...memory }), [1]);
      const gates = linear(tf.concat([word, context], 1), cell.weight_ih, cell.bias_ih);
      hidden = gruStep(gates, hidden, cell.weight_hh, cell.bias_hh);
      const inputs = tf.concat([hidden, context, word], 1);
      return tf.tanh(linear(inputs, parameters["readout.weight"], parameters["readout.bias"]));
    });
    const rows = tf.reshape(tf.stack(readouts, 1), [target.size, hidden.shape[1]]);
    const logits = linear(rows, parameters["output.weight"], parameters["output.bias"]);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.reshape(labels, [labels.size]), logits.shape[1]), logits);
  }

  return { gru: ({ input, ...parameters }) => tf.stack(gru(input, parameters), 1), attention, translatorLoss };
}
