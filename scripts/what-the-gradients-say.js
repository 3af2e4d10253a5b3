/**
 * Measures a demo's two models on test sentences and prints the numbers of docs/what-the-gradients-say.md:
 *
 *     node scripts/what-the-gradients-say.js [run folder] [sentences]
 */
import {
  attentionHealth,
  cut,
  decay,
  encodePairs,
  entryPoints,
  explainCorpus,
  gatePaths,
  grammarCorpus,
  integratedGradients,
  openRun,
  studySentence,
} from "../dist/index.js";
import { RunDirectory } from "../dist/node.js";

const [folder = "runs/demo", count = "60"] = process.argv.slice(2);
const storage = new RunDirectory(folder);
const attentive = await openRun(storage);
const rival = await openRun(storage.folder("rnnencdec"));
const pairs = grammarCorpus(attentive.config.corpus).test.slice(0, Number(count));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
const show = (value) => String(Number(value.toPrecision(3)));

row("measured", "RNNsearch", "RNNencdec");
row("---", "---", "---");

const encoded = (run) => encodePairs(pairs, run.vocabularies.source, run.vocabularies.target);
const studies = async (run) => {
  const all = [];
  for (const pair of pairs) all.push(await studySentence(run.model, run.vocabularies, pair));
  return all;
};
const [ours, theirs] = [await studies(attentive), await studies(rival)];
// Weighted by ‖h̄‖², so that a word without a gradient to speak of does not speak.
for (const path of ["value", "score", "bridge", "recurrence"]) {
  const share = (list) => {
    const words = list.flatMap(({ paths }) => paths.total.map((norm, j) => [norm * norm, paths[path][j]]));
    const weight = words.reduce((sum, [square]) => sum + square, 0);
    return show(words.reduce((sum, [square, value]) => sum + square * value, 0) / weight);
  };
  row(`share of ${path}`, share(ours), share(theirs));
}

const overPairs = async (run, measure) => {
  const all = [];
  for (const pair of encoded(run)) all.push(await measure(run.model, pair));
  return mean(all);
};
const both = async (name, measure) => {
  row(name, show(await overPairs(attentive, measure)), show(await overPairs(rival, measure)));
};
const attended = async (name, measure) => row(name, show(await overPairs(attentive, measure)), "–");

const distance = async (model, pair) => mean((await entryPoints(model, pair)).distance);
await both("mean distance D, steps", distance);
await both("… as a share of the sentence", async (model, pair) => (await distance(model, pair)) / pair.source.length);
await both("entered at home, I(j, j) / Σ I(j, k)", async (model, pair) => {
  const { entries } = await entryPoints(model, pair);
  return mean(entries.map((line, j) => line[j] / line.reduce((sum, value) => sum + value, 0)));
});
const slope = (change) => async (model, pair) => (await decay(model, pair, { change })).slope;
await both("slope of ln ‖h̄‖, nats a step", slope());
await attended("… α frozen", slope(cut("attention")));
await attended("… recurrence cut", slope(cut("recurrence")));
await both("z, mean of the carrying gate", async (model, pair) => {
  const { paths } = await gatePaths(model, pair);
  return mean(paths.flatMap(({ open }) => open.map(mean)));
});
await both("Π z over the whole sentence", async (model, pair) => {
  const [forward, backward] = (await gatePaths(model, pair)).paths;
  return (forward.carried[0] + backward.carried.at(-1)) / 2;
});
const health = (key) => async (model, pair) => mean((await attentionHealth(model, pair))[key]);
await attended("entropy of α over ln S", health("entropy"));
await attended("tanh units with q² > 0.95", health("saturated"));
await attended("‖diag(α) − ααᵀ‖_F", health("softmaxJacobian"));
for (const nodes of [32, 128]) {
  await both(`integrated gradients, ${nodes} nodes: completeness error, logits`, async (model, pair) =>
    mean(integratedGradients(model, pair, { nodes }).completenessError),
  );
}

const found = await explainCorpus(attentive.model, attentive.vocabularies, pairs);
const { tau, permutation, adversary, erasure, alignmentErrorRate, loss } = found;
const values = {
  "τ of α with gradient × input, α constant": mean(tau.gradient),
  "… through α": mean(tau.gradientThroughAttention),
  "… with leave one out": mean(tau.leaveOneOut),
  "output change by shuffled α, TVD": mean(permutation),
  "adversary's divergence, nats of 0.693": mean(adversary.divergence),
  "share erased at the flip, by α": mean(erasure.attention),
  "… by gradient": mean(erasure.gradient),
  "… by their product": mean(erasure.product),
  "… at random": mean(erasure.random),
  "alignment error rate of α": alignmentErrorRate.attention,
  "… of gradient × input": alignmentErrorRate.saliency,
  "loss, nats a token": loss.observed,
  "… all words looked at alike": loss.uniform,
};
for (const [name, value] of Object.entries(values)) row(name, show(value), "–");
