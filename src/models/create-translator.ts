import { DataError } from "../errors.js";
import type { ParameterOptions } from "../nn/module.js";
import { RNNencdec } from "./rnnencdec.js";
import { RNNsearch } from "./rnnsearch.js";
import type { Translator, TranslatorConfig } from "./translator.js";

const models = { rnnsearch: RNNsearch, rnnencdec: RNNencdec } as const;

/**
 * A translator with fresh parameters, PyTorch's defaults for each layer.
 * @throws DataError for an unknown model or cell, or a size that is no positive integer
 */
export function createTranslator(config: TranslatorConfig, options: ParameterOptions = {}): Translator {
  if (!Object.hasOwn(models, config.model)) {
    throw new DataError(`translator: no model "${config.model}": there are ${Object.keys(models).join(", ")}`);
  }
  return new models[config.model](config, options);
}
