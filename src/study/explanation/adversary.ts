import { grad } from "../../autograd/backward.js";
import type { EncodedPair } from "../../data/batches.js";
import type { Translator } from "../../models/translator.js";
import { Adam } from "../../nn/adam.js";
import { tensor } from "../../tensor/create.js";
import { Random } from "../../tensor/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { rowsOf } from "../states.js";
import { DecoderSteps, type Steps } from "./decoder-steps.js";
import { jensenShannon, totalVariation } from "./divergence.js";

export interface AdversaryOptions {
  /** The largest output change, as total variation distance; 0.01 unless told. */
  readonly tolerance?: number;
  /** Gradient steps; 120 unless told. */
  readonly iterations?: number;
  /** Random starts for each target word; 4 unless told. */
  readonly starts?: number;
  readonly seed?: number;
}

/** For each target word the attention farthest from the model's own that says the same. */
export interface Adversary {
  /** α̃, [T][S]. Where nothing else was found, α itself. */
  readonly weights: number[][];
  /** JSD(α̃, α) in nats, at most ln 2 ≈ 0.693. */
  readonly divergence: number[];
  /** Total variation distance of the two outputs, at most the tolerance. */
  readonly outputChange: number[];
}

/** Weight of a change beyond the tolerance against the divergence. */
const PENALTY = 50;
const LEARNING_RATE = 0.2;
/** Keeps log 0 away in float32. */
const TINY = 1e-12;
/** Spread of the random starts, in logits. */
const SPREAD = 2;

/**
 * The adversarial attention of Jain & Wallace 2019 (section 4.2.2), for every target word by itself:
 *
 *     α̃ = argmax JSD(α̃, α)   with   TVD(ŷ(α̃), ŷ(α)) ≤ ε
 *
 * by Adam on the logits of α̃ with a penalty for what exceeds ε, from several random starts at once, around α and anywhere. The best
 * admissible one that was met is kept, so that what comes back never breaks the bound.
 */
export function adversary(model: Translator, pair: EncodedPair, options: AdversaryOptions = {}): Adversary {
  const { tolerance = 0.01, iterations = 120, starts = 4, seed = 1 } = options;
  return scope(() => {
    const steps = new DecoderSteps(model, pair);
    const length = steps.weights.shape[1];
    const observed = rowsOf(steps.weights.dataSync(), length);
    const said = steps.logits.softmax();
    const output = rowsOf(said.dataSync(), said.shape[1]);
    const best = {
      weights: observed.map((row) => [...row]),
      divergence: observed.map(() => 0),
      outputChange: observed.map(() => 0),
    };
    const chosen = observed.flatMap((_, t) => new Array<number>(starts).fill(t));
    const rows = tensor(Int32Array.from(chosen), { device: said.device });
    const search = new Search(steps.choose(chosen), steps.weights.gather(rows), said.gather(rows), seed);
    for (let i = 0; i < iterations; i++) {
      scope(() => {
        const { weights, outputs } = search.step(tolerance);
        const candidates = rowsOf(weights.dataSync(), length);
        const said = rowsOf(outputs.dataSync(), output[0].length);
        candidates.forEach((candidate, row) => {
          const t = chosen[row];
          const outputChange = totalVariation(said[row], output[t]);
          const divergence = jensenShannon(candidate, observed[t]);
          if (outputChange > tolerance || divergence <= best.divergence[t]) return;
          best.weights[t] = candidate;
          best.divergence[t] = divergence;
          best.outputChange[t] = outputChange;
        });
      });
    }
    search.dispose();
    return best;
  });
}

class Search {
  private readonly scores: Tensor;
  private readonly optimizer: Adam;

  constructor(
    private readonly steps: Steps,
    private readonly alpha: Tensor,
    private readonly output: Tensor,
    seed: number,
  ) {
    const random = new Random(seed);
    const { dtype, device } = alpha;
    // Every second search starts around α, where the output is right, the others anywhere.
    const near = alpha.dataSync();
    const start = Float64Array.from(near, (weight, i) => {
      const home = Math.floor(i / alpha.shape[1]) % 2 === 0 ? Math.log(weight + 1e-3) : 0;
      return home + SPREAD * random.normal();
    });
    this.scores = tensor(start, { shape: alpha.shape, dtype, device, requiresGrad: true });
    this.optimizer = new Adam([this.scores], { learningRate: LEARNING_RATE });
  }

  /** One step up; returns the candidates that it started from and what the decoder says with them. */
  step(tolerance: number): { weights: Tensor; outputs: Tensor } {
    const weights = this.scores.softmax();
    const outputs = this.steps(weights).softmax();
    const middle = weights.add(this.alpha).mul(0.5).add(TINY).log();
    const divergence = weights
      .mul(weights.add(TINY).log().sub(middle))
      .add(this.alpha.mul(this.alpha.add(TINY).log().sub(middle)))
      .sum()
      .mul(0.5);
    const change = outputs.sub(this.output).abs().sum({ axis: 1 }).mul(0.5);
    const excess = change.sub(tolerance).relu().sum();
    const [gradient] = grad(excess.mul(PENALTY).sub(divergence), [this.scores]);
    if (this.scores.grad && gradient) this.scores.grad.assign(gradient);
    this.optimizer.step();
    return { weights, outputs };
  }

  dispose(): void {
    this.optimizer.dispose();
  }
}
