import {
  AdditiveAttention,
  ConcatAttention,
  Conv1d,
  createTranslator,
  type DType,
  dotAttention,
  Embedding,
  GeneralAttention,
  GRU,
  GRUCell,
  LayerNorm,
  LSTM,
  LSTMCell,
  Module,
  MultiHeadAttention,
  RNN,
  RNNCell,
  stack,
  type Tensor,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type Translator,
  type TranslatorConfig,
} from "../../src/index.js";
import { fromOracle, type Oracle, readOracle } from "../oracle.js";

/** A layer built for one of PyTorch's cases, its values loaded, and run. */
export interface Case {
  readonly oracle: Oracle;
  readonly module: Module;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Inputs by their own name, parameters by path, as the oracle's gradients are called. */
  readonly leaves: Readonly<Record<string, Tensor>>;
}

type Run = (module: Module, inputs: Readonly<Record<string, Tensor>>, oracle: Oracle) => Record<string, Tensor>;

interface Recipe {
  readonly make: (oracle: Oracle, dtype: DType) => Module;
  readonly run: Run;
  /** The oracle's parameter names, where they are not the module's paths. */
  readonly names?: Readonly<Record<string, string>>;
}

const size = (oracle: Oracle, name: string, axis: number): number =>
  (oracle.inputs[name] ?? oracle.params[name]).shape[axis];

const cells = { rnn: RNNCell, gru: GRUCell, lstm: LSTMCell } as const;
const layers = { rnn: RNN, gru: GRU, lstm: LSTM } as const;
type Kind = keyof typeof cells;
const kindNames = Object.keys(cells) as Kind[];

/** Stands for a function, which has nothing to load. */
class Parameterless extends Module {}

const recipes: Record<string, Recipe> = {};

for (const kind of kindNames) {
  const Cell = cells[kind];
  recipes[`${kind}_cell`] = {
    make: (oracle, dtype) => new Cell(size(oracle, "x", 1), size(oracle, "h", 1), { dtype }),
    run: (module, { x, h, c }): Record<string, Tensor> => {
      if (!(module instanceof LSTMCell)) return { y: (module as GRUCell).step(x, h) };
      const state = module.step(x, stack([h, c]));
      return { h: state.at(0), c: state.at(1) };
    },
  };
  const Layer = layers[kind];
  const make = (oracle: Oracle, dtype: DType): Module =>
    new Layer(size(oracle, "x", 2), size(oracle, "weight_hh_l0", 1), {
      dtype,
      layers: (oracle.options.layers as number | undefined) ?? 1,
      bidirectional: oracle.options.bidirectional as boolean,
    });
  const runWithState: Run = (module, { x, h0, c0 }): Record<string, Tensor> => {
    const layer = module as GRU;
    const { output, state } = layer.forward(x, { state: c0 ? stack([h0, c0], { axis: 1 }) : h0 });
    return c0 ? { y: output, hn: state.at(0, { axis: 1 }), cn: state.at(1, { axis: 1 }) } : { y: output, hn: state };
  };
  for (const layerCount of [1, 2]) {
    for (const direction of ["uni", "bi"]) {
      recipes[`${kind}_layers${layerCount}_${direction}`] = { make, run: runWithState };
    }
  }
  recipes[`${kind}_bi_lengths`] = {
    make,
    run: (module, { x }, oracle) => ({
      y: (module as GRU).forward(x, { lengths: oracle.options.lengths as number[] }).output,
    }),
  };
}

recipes.layer_norm = {
  make: (oracle, dtype) => new LayerNorm(size(oracle, "x", 1), { dtype, epsilon: oracle.options.eps as number }),
  run: (module, { x }) => ({ y: (module as LayerNorm).forward(x) }),
};
recipes.embedding = {
  make: (oracle, dtype) => new Embedding(size(oracle, "weight", 0), size(oracle, "weight", 1), { dtype }),
  run: (module, { ids }) => ({ y: (module as Embedding).forward(ids) }),
};
recipes.attention_additive = {
  names: { W: "W.weight", U: "U.weight", v: "v.weight" },
  make: (oracle, dtype) => {
    const sizes = {
      querySize: size(oracle, "query", 2),
      valueSize: size(oracle, "keys", 2),
      attentionSize: size(oracle, "v", 0),
    };
    return new AdditiveAttention(sizes, { dtype });
  },
  run: (module, { query, keys, mask }) => {
    const attention = module as AdditiveAttention;
    const { context, weights } = attention.forward(query, attention.memory(keys, { mask }));
    return { context, weights };
  },
};
for (const [name, scale] of [
  ["attention_dot", 1],
  ["attention_scaled_dot", 0.5],
] as const) {
  recipes[name] = {
    make: () => new Parameterless(),
    run: (_, { query, keys, mask }) => {
      const { context, weights } = dotAttention(query, keys, keys, { mask, scale });
      return { context, weights };
    },
  };
}
recipes.attention_general = {
  names: { W: "W.weight" },
  make: (oracle, dtype) =>
    new GeneralAttention({ querySize: size(oracle, "query", 2), valueSize: size(oracle, "keys", 2) }, { dtype }),
  run: (module, { query, keys, mask }) => {
    const attention = module as GeneralAttention;
    const { context, weights } = attention.forward(query, attention.memory(keys, { mask }));
    return { context, weights };
  },
};
recipes.attention_concat = {
  names: { W: "W.weight", v: "v.weight" },
  make: (oracle, dtype) => {
    const sizes = {
      querySize: size(oracle, "query", 2),
      valueSize: size(oracle, "keys", 2),
      attentionSize: size(oracle, "v", 0),
    };
    return new ConcatAttention(sizes, { dtype });
  },
  run: (module, { query, keys, mask }) => {
    const attention = module as ConcatAttention;
    const { context, weights } = attention.forward(query, attention.memory(keys, { mask }));
    return { context, weights };
  },
};
recipes.attention_multi_head = {
  make: (oracle, dtype) => new MultiHeadAttention(size(oracle, "query", 2), oracle.options.heads as number, { dtype }),
  run: (module, { query, keys, mask }) => {
    const { output, weights } = (module as MultiHeadAttention).forward(query, keys, { mask });
    return { y: output, weights };
  },
};

recipes.transformer_encoder_layer = {
  make: ({ inputs, options }, dtype) => {
    const { heads, ffn: feedForwardSize } = options as { heads: number; ffn: number };
    return new TransformerEncoderLayer(inputs.x.shape[2], { heads, feedForwardSize, dtype });
  },
  run: (module, { x }) => ({ y: (module as TransformerEncoderLayer).forward(x) }),
};
recipes.transformer_decoder_layer = {
  make: ({ inputs, options }, dtype) => {
    const { heads, ffn: feedForwardSize } = options as { heads: number; ffn: number };
    return new TransformerDecoderLayer(inputs.y.shape[2], { heads, feedForwardSize, dtype });
  },
  run: (module, { y, memory }) => ({ y: (module as TransformerDecoderLayer).forward(y, memory) }),
};
recipes.conv1d = {
  make: ({ params, options }, dtype) => {
    const [outputChannels, inputChannels, kernelSize] = params.weight.shape;
    return new Conv1d(inputChannels, outputChannels, kernelSize, { padding: options.padding as number, dtype });
  },
  run: (module, { x }) => ({ y: (module as Conv1d).forward(x) }),
};

const translator: Recipe = {
  make: ({ params, options }, dtype) =>
    createTranslator(
      {
        model: (options.model as TranslatorConfig["model"] | undefined) ?? "rnnsearch",
        cell: (options.cell as TranslatorConfig["cell"] | undefined) ?? "gru",
        sourceVocabulary: params["srcEmbedding.weight"].shape[0],
        targetVocabulary: params["tgtEmbedding.weight"].shape[0],
        embeddingSize: params["srcEmbedding.weight"].shape[1],
        hiddenSize: params["bridge.weight"].shape[0],
        attentionSize: params["W.weight"]?.shape[0],
      },
      { dtype },
    ),
  run: (module, { src, tgt, mask }): Record<string, Tensor> => {
    const { logits, weights } = (module as Translator).forward(src, mask, tgt);
    return weights ? { logits, weights } : { logits };
  },
};
recipes.rnnsearch = translator;
// PyTorch's values for the same translator with other cells, and without attention, lie beside the oracles.
for (const name of ["rnnsearch_lstm", "rnnsearch_rnn", "rnnencdec_gru", "rnnencdec_lstm", "rnnencdec_rnn"]) {
  recipes[`../translators/${name}`] = translator;
}

/** The oracle cases that a layer or a model of ours answers. */
export const caseNames = Object.keys(recipes);

/** Builds and runs one case. */
export function runCase(name: string, dtype: DType): Case {
  const { make, run, names = {} } = recipes[name];
  const oracle = readOracle(name);
  const module = make(oracle, dtype);
  const inputs = Object.fromEntries(
    Object.keys(oracle.inputs).map((input) => [input, fromOracle(oracle, input, dtype)]),
  );
  const parameters = module.stateDict();
  const values = Object.keys(oracle.params).map((name) => {
    const path = names[name] ?? name;
    return [path, fromOracle(oracle, name, dtype).detach().reshape(parameters[path].shape)] as const;
  });
  module.loadStateDict(Object.fromEntries(values));
  const own = Object.keys(oracle.params).map((name) => [name, parameters[names[name] ?? name]] as const);
  const leaves = { ...inputs, ...Object.fromEntries(own) };
  return { oracle, module, outputs: run(module, inputs, oracle), leaves };
}
