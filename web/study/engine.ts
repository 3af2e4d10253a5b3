import {
  attentionCell,
  type BeamStep,
  cut,
  type Device,
  decode,
  distances,
  type EncodedPair,
  encodePairs,
  explainCorpus,
  gateSplit,
  influence,
  loadDevice,
  MemoryRunStorage,
  openRun,
  type RunFiles,
  type ScalpelName,
  scalpels,
  studyAttention,
  type Tap,
  type TrainedModel,
  together,
  tokenize,
  truncated,
  type Vocabulary,
} from "../../src/index.js";
import type { AskedSentence, BeamNode, CallName, Calls } from "./calls.js";
import { PageTraining } from "./page-training.js";
import { SeedTraining } from "./seed-training.js";

interface Context<Progress> {
  progress(report: Progress): Promise<void>;
  readonly signal: AbortSignal;
}

type Handlers = {
  readonly [Name in CallName]: (
    ask: Calls[Name]["ask"],
    context: Context<Calls[Name]["progress"]>,
  ) => Promise<Calls[Name]["answer"]>;
};

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The page chooses the device, whatever the model was trained on. */
async function openFiles(files: RunFiles, device: Device): Promise<TrainedModel> {
  const storage = new MemoryRunStorage(files.name);
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  await storage.write("config.json", encode(JSON.stringify({ ...JSON.parse(files.config), device })));
  await storage.write("vocabulary.json", encode(files.vocabulary));
  await storage.write("model.safetensors", bytesOf(files.model));
  return openRun(storage);
}

/** Of the GPU's modes the one whose numbers can be read at once, as some of the measurements do. */
const GPU_MODE = "webgl2";

/** Backflow itself, behind the page: everything that is computed is computed here. */
export class Engine {
  private runs: TrainedModel[] = [];
  private readonly training = new PageTraining();
  private readonly seeds = new SeedTraining();

  readonly handlers: Handlers = {
    open: async ({ runs: files, device }) => {
      const { mode, adapter } = await loadDevice(device, { mode: GPU_MODE });
      const opened: TrainedModel[] = [];
      for (const one of files) opened.push(await openFiles(one, device));
      for (const { model } of this.runs) model.dispose();
      this.runs = opened;
      const { attention, value, score, bridge, recurrence, decoder } = scalpels;
      return {
        runs: this.runs.map(({ config, model }) => ({
          name: config.name,
          model: config.model.model,
          cell: config.model.cell ?? "gru",
          parameters: model.parameterCount(),
        })),
        scalpels: {
          attention: attention.description,
          value: value.description,
          score: score.description,
          bridge: bridge.description,
          recurrence: recurrence.description,
          decoder: decoder.description,
        },
        computer: device === "gpu" ? { name: `the GPU (${mode})`, adapter } : { name: "the CPU", adapter },
      };
    },

    translate: async ({ run, text, beam }) => {
      const start = performance.now();
      const { config, model, vocabularies } = this.run(run);
      const { sourceLanguage: language, lowerCase } = config.text;
      const source = tokenize(text, { language, lowerCase });
      const tree = new BeamTree(vocabularies.target);
      const onStep = (_: number, kept: readonly BeamStep[]): void => tree.add(kept);
      const [decoded] = await decode(model, [vocabularies.source.encode(source)], { beam, onStep });
      const target = vocabularies.target.decode(decoded.tokens);
      const milliseconds = performance.now() - start;
      return {
        source,
        known: source.map((word) => vocabularies.source.has(word)),
        target,
        logProbability: decoded.logProbability,
        milliseconds,
        beam: tree.nodes,
        study: await studyAttention(model, vocabularies, { source, target }),
      };
    },

    study: async ({ sentence, cuts, truncate }) => {
      const { model, vocabularies } = this.run(sentence.run);
      const change = changeOf(cuts, truncate, sentence.source.length + 1);
      return studyAttention(model, vocabularies, sentence, { change });
    },

    influence: async ({ sentence }) => influence(this.run(sentence.run).model, await this.pair(sentence)),

    cell: async ({ sentence, t, j }) => attentionCell(this.run(sentence.run).model, await this.pair(sentence), t, j),

    distances: async ({ sentence }) => {
      const rival = this.runs.find(({ config }) => config.model.model === "rnnencdec");
      const found = await distances(this.run(sentence.run).model, await this.pair(sentence), rival?.model);
      return { source: [...sentence.source, "<eos>"], ...found };
    },

    gates: async ({ sentence }) => {
      const { config, model } = this.run(sentence.run);
      return config.model.cell === "rnn" ? null : gateSplit(model, await this.pair(sentence));
    },

    explain: async ({ run, pairs }, { progress, signal }) => {
      const { model, vocabularies } = this.run(run);
      const asked = pairs.map(({ source, target = [], alignment }) => ({ source, target, alignment }));
      return explainCorpus(model, vocabularies, asked, {
        signal,
        onProgress: (share, soFar) => progress({ share, soFar }),
      });
    },

    trainSeed: async (ask, { progress, signal }) => this.seeds.another(this.run(ask.run), ask, progress, signal),

    prepareTraining: async (setup) => this.training.prepare(setup),

    train: async (ask, { progress, signal }) => this.training.train(ask, progress, signal),
  };

  private run(index: number): TrainedModel {
    const run = this.runs[index];
    if (!run) throw new Error(`there is no run ${index}`);
    return run;
  }

  private async pair({ run, source, target }: AskedSentence): Promise<EncodedPair> {
    const { model, vocabularies } = this.run(run);
    if (target) return encodePairs([{ source, target }], vocabularies.source, vocabularies.target)[0];
    const ids = vocabularies.source.encode(source);
    const [{ tokens }] = await decode(model, [ids]);
    return { source: ids, target: tokens };
  }
}

/** Puts together what a beam search tells step by step. */
class BeamTree {
  readonly nodes: BeamNode[] = [];
  private live: (number | null)[] = [null];
  private step = 0;

  constructor(private readonly vocabulary: Vocabulary) {}

  add(kept: readonly BeamStep[]): void {
    const before = this.live;
    this.live = [];
    for (const { parent, token, logProbability, ended } of kept) {
      if (!ended) this.live.push(this.nodes.length);
      const word = this.vocabulary.token(token);
      this.nodes.push({ parent: before[parent], step: this.step, word, logProbability, ended });
    }
    this.step++;
  }
}

function changeOf(cuts: readonly ScalpelName[], truncate: number | null, length: number): Tap | undefined {
  const changes = [
    ...(cuts.length > 0 ? [cut(...cuts)] : []),
    ...(truncate === null ? [] : [truncated(truncate, length)]),
  ];
  return changes.length === 0 ? undefined : together(...changes);
}
