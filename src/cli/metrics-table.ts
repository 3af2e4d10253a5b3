import Table from "cli-table3";
import pc from "picocolors";
import type { LengthBucket, ModelSummary } from "../training/summary.js";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const points = (score: number): string => (100 * score).toFixed(1);
const rate = (value: number | null): string => (value === null ? "–" : value.toFixed(3));

const compact = (head: readonly string[]): Table.Table =>
  new Table({
    head: [...head],
    style: { head: pc.isColorSupported ? ["bold"] : [], border: pc.isColorSupported ? ["gray"] : [], compact: true },
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
  });

/** How models did: a column a model, then the same by sentence length. */
export function metricsTable(models: readonly ModelSummary[], trainMaxLength: number): string {
  return `${overall(models)}\n\n${byLength(models, trainMaxLength)}`;
}

function overall(models: readonly ModelSummary[]): string {
  const table = compact(["test sentences", ...models.map(({ model }) => model)]);
  const row = (label: string, cell: (model: ModelSummary) => string): void => {
    table.push([label, ...models.map(cell)]);
  };
  row("exact match", ({ metrics }) => percent(metrics.exactMatch));
  row("BLEU", ({ metrics }) => points(metrics.bleu));
  row("alignment error rate", ({ metrics }) => rate(metrics.alignmentErrorRate));
  row("loss, nats a token", ({ metrics }) => metrics.loss.toFixed(4));
  row("parameters", ({ parameters }) => parameters.toLocaleString("en"));
  row("training steps", ({ steps }) => steps.toLocaleString("en"));
  row("seconds in training", ({ seconds }) => seconds.toFixed(1));
  return table.toString();
}

function byLength(models: readonly ModelSummary[], trainMaxLength: number): string {
  const columns: [label: string, cell: (bucket: LengthBucket) => string][] = [
    ["exact match", ({ exactMatch }) => percent(exactMatch)],
    ["BLEU", ({ bleu }) => points(bleu)],
  ];
  const attentive = models.filter(({ byLength }) => byLength.some((bucket) => bucket.alignmentErrorRate !== null));
  const heads = columns.flatMap(([label]) => models.map(({ model }) => `${label}\n${model}`));
  const rateHeads = attentive.map(({ model }) => `AER\n${model}`);
  const table = compact(["words", "sentences", ...heads, ...rateHeads]);
  for (const { from, to, count } of models[0].byLength) {
    const bucketOf = ({ byLength }: ModelSummary): LengthBucket | undefined =>
      byLength.find((one) => one.from === from);
    const cells = columns.flatMap(([, cell]) => models.map((model) => ifThere(bucketOf(model), cell)));
    const rates = attentive.map((model) =>
      ifThere(bucketOf(model), ({ alignmentErrorRate }) => rate(alignmentErrorRate)),
    );
    table.push([`${from}–${to}${from > trainMaxLength ? " *" : ""}`, String(count), ...cells, ...rates]);
  }
  const longer = models[0].byLength.some(({ from }) => from > trainMaxLength);
  const note = longer ? `\n* longer than every sentence trained on (at most ${trainMaxLength} words)` : "";
  return `${table.toString()}${note}`;
}

const ifThere = (bucket: LengthBucket | undefined, write: (bucket: LengthBucket) => string): string =>
  bucket ? write(bucket) : "–";
