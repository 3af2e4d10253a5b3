import { DataError } from "../errors.js";
import type { ParameterOptions } from "../nn/module.js";
import { translatorParameterCount } from "./parameter-count.js";
import { RNNencdec } from "./rnnencdec.js";
import { RNNsearch } from "./rnnsearch.js";
import type { Translator, TranslatorConfig } from "./translator.js";

/** In WebAssembly's 4 GiB: each with a gradient and an optimiser's two moments, four bytes each. */
const MOST_PARAMETERS = 2 ** 28;

const models = { rnnsearch: RNNsearch, rnnencdec: RNNencdec } as const;

/**
 * A translator with fresh parameters, PyTorch's defaults for each layer.
 * @throws DataError for an unknown model or cell, a size that is no positive integer, or sizes too large to train
 */
export function createTranslator(config: TranslatorConfig, options: ParameterOptions = {}): Translator {
  if (!Object.hasOwn(models, config.model)) {
    throw new DataError(`translator: no model "${config.model}": there are ${Object.keys(models).join(", ")}`);
  }
  const count = translatorParameterCount(config);
  if (count > MOST_PARAMETERS) {
    throw new DataError(
      `translator: ${count.toLocaleString("en")} parameters are more than the ${MOST_PARAMETERS.toLocaleString("en")} that fit into memory with their gradients: give smaller sizes`,
    );
  }
  return new models[config.model](config, options);
}
