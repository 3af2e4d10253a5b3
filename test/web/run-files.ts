import {
  buildVocabularies,
  createTranslator,
  digestOf,
  MemoryRunStorage,
  openRun,
  Random,
  type RunFiles,
  type SentencePair,
  type TrainedModel,
  writeModel,
} from "../../src/index.js";

/** Two small untrained runs, with attention and without, as the page carries them. */
export async function makeRunFiles(
  pairs: readonly SentencePair[],
  description: object = { kind: "grammar" },
): Promise<(TrainedModel & { files: RunFiles })[]> {
  const vocabularies = buildVocabularies(pairs);
  return Promise.all(
    (["rnnsearch", "rnnencdec"] as const).map(async (model) => {
      const config = {
        model,
        sourceVocabulary: vocabularies.source.size,
        targetVocabulary: vocabularies.target.size,
        embeddingSize: 8,
        hiddenSize: 12,
      };
      const storage = new MemoryRunStorage(model);
      await writeModel(storage, createTranslator(config, { random: new Random(11) }));
      const run = {
        version: "0",
        name: "tiny",
        seed: 1,
        device: "cpu",
        dtype: "float32",
        model: config,
        corpus: description,
        text: { sourceLanguage: "en", targetLanguage: "zh", lowerCase: false },
        dataDigest: digestOf(pairs),
        training: {
          optimizer: "adam",
          learningRate: 0.01,
          schedule: "linear",
          clipNorm: 1,
          batchSize: 16,
          labelSmoothing: 0,
        },
        budget: {},
        validateEvery: 100,
      };
      const files = {
        name: model,
        config: JSON.stringify(run),
        vocabulary: JSON.stringify(vocabularies),
        model: Buffer.from((await storage.read("model.safetensors")) ?? []).toString("base64"),
        film: null,
      };
      await storage.write("config.json", new TextEncoder().encode(files.config));
      await storage.write("vocabulary.json", new TextEncoder().encode(files.vocabulary));
      return { ...(await openRun(storage)), files };
    }),
  );
}
