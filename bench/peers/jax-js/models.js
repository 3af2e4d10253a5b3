/**
 * Recurrent layer, attention and translator in jax-js. Every operation takes its arguments' ownership; `.ref` keeps
 * ours.
 */

import { FAR_BELOW, partOf } from "../translator.js";

/** @param jax the package, its device chosen */
export function models({ nn, numpy: np }) {
  const linear = (x, weight, bias) => {
    const y = np.matmul(x.ref, np.transpose(weight.ref));
    return bias ? y.add(bias.ref) : y;
  };

  /** r = σ(·)   z = σ(·)   n = tanh(iₙ + r ⊙ hₙ)   h′ = n + z ⊙ (h − n) */
  function gruStep(gates, hidden, weight, bias) {
    const [inputReset, inputUpdate, inputNew] = np.split(gates, 3, 1);
    const [stateReset, stateUpdate, stateNew] = np.split(linear(hidden, weight, bias), 3, 1);
    const reset = nn.sigmoid(inputReset.add(stateReset));
    const update = nn.sigmoid(inputUpdate.add(stateUpdate));
    const fresh = np.tanh(inputNew.add(reset.mul(stateNew)));
    return fresh.ref.add(update.mul(hidden.sub(fresh)));
  }

  /** [batch, time, …] → [time] of [batch, …] */
  const unstacked = (x) => {
    const [batch, time, ...rest] = x.shape;
    return np.split(x, time, 1).map((step) => step.reshape([batch, ...rest]));
  };

  /** x [batch, time, features] → hidden states [time] of [batch, hidden], in the order of time. */
  function gru(x, parameters, suffix = "") {
    const named = (name) => parameters[`${name}_l0${suffix}`];
    const [batch] = x.shape;
    const size = named("weight_hh").shape[1];
    const steps = unstacked(linear(x, named("weight_ih"), named("bias_ih")));
    let hidden = np.zeros([batch, size]);
    const states = (suffix === "" ? steps : steps.reverse()).map((step) => {
      hidden = gruStep(step, hidden, named("weight_hh"), named("bias_hh"));
      return hidden.ref;
    });
    hidden.dispose();
    return suffix === "" ? states : states.reverse();
  }

  /** query [batch, T, a], keys [batch, S, a], values [batch, S, d], v [a], mask [batch, S] → context [batch, T, d] */
  function attention({ query, keys, values, v, mask }) {
    const size = query.shape[2];
    const energy = np.tanh(np.expandDims(query.ref, 2).add(np.expandDims(keys.ref, 1)));
    const scores = energy.mul(v.ref.reshape([size])).sum(-1);
    const masked = np.where(np.expandDims(np.greater(mask.ref, 0), 1), scores, FAR_BELOW);
    return np.matmul(nn.softmax(masked, -1), values.ref);
  }

  /** Rows of a table by token. */
  const embed = (table, ids) => np.take(table.ref, ids.ref, 0);

  /** The mean cross-entropy of RNNsearch under teacher forcing. Tokens [batch, time], int32. */
  function translatorLoss(parameters, { source, target, labels }) {
    const encoder = partOf(parameters, "encoder.");
    const cell = partOf(parameters, "cell.");
    const embedded = embed(parameters["srcEmbedding.weight"], source);
    const forward = np.stack(gru(embedded.ref, encoder), 1);
    const backwardStates = gru(embedded, encoder, "_reverse");
    const last = backwardStates[0].ref;
    const values = np.concatenate([forward, np.stack(backwardStates, 1)], 2);
    const keys = linear(values, parameters["U.weight"]);
    const mask = np.ones([values.shape[0], values.shape[1]]);
    const v = parameters["v.weight"];
    const words = unstacked(embed(parameters["tgtEmbedding.weight"], target));
    let hidden = np.tanh(linear(last, parameters["bridge.weight"], parameters["bridge.bias"]));
    const readouts = words.map((word) => {
      const query = np.expandDims(linear(hidden, parameters["W.weight"]), 1);
      const context = np.squeeze(attention({ query, keys, values, v, mask }), 1);
      const gates = linear(np.concatenate([word.ref, context.ref], 1), cell.weight_ih, cell.bias_ih);
      hidden = gruStep(gates, hidden, cell.weight_hh, cell.bias_hh);
      const inputs = np.concatenate([hidden.ref, context, word], 1);
      return np.tanh(linear(inputs, parameters["readout.weight"], parameters["readout.bias"]));
    });
    const logits = linear(np.stack(readouts, 1), parameters["output.weight"], parameters["output.bias"]);
    const chosen = nn.oneHot(labels.ref, logits.shape[2]);
    const count = labels.shape[0] * labels.shape[1];
    return nn
      .logSoftmax(logits, -1)
      .mul(chosen)
      .sum()
      .mul(-1 / count);
  }

  return { gru: ({ input, ...parameters }) => np.stack(gru(input.ref, parameters), 1), attention, translatorLoss };
}
