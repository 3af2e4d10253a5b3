import type { Translator } from "../models/translator.js";

/** Runs `act` with the model in evaluation mode (no dropout), and puts the mode back that it had. */
export async function inEvaluationMode<T>(model: Translator, act: () => Promise<T>): Promise<T> {
  const { training } = model;
  model.eval();
  try {
    return await act();
  } finally {
    model.train(training);
  }
}
