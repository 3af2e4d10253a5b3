import type { RunSummary } from "../../src/index.js";
import { table } from "../page/table.js";
import { exact, modelNames } from "../plots/theme.js";

/** A number to so many decimals, with all its digits in the tooltip. */
function rounded(value: number | null, decimals: number, unit = ""): Node {
  const element = document.createElement("span");
  element.textContent = value === null ? "—" : `${value.toFixed(decimals)}${unit}`;
  if (value !== null) element.title = `${exact(value)}${unit}`;
  return element;
}

const count = (value: number): string => value.toLocaleString("en");

/** The two models side by side: sizes, what training took, and what each scored on the test set. */
export function summaryTable({ models }: RunSummary): Element {
  return table(
    ["", ...models.map(({ model }) => modelNames[model])],
    [
      ["exact match", ...models.map(({ metrics }) => rounded(100 * metrics.exactMatch, 1, " %"))],
      ["BLEU", ...models.map(({ metrics }) => rounded(100 * metrics.bleu, 1))],
      ["alignment error rate", ...models.map(({ metrics }) => rounded(metrics.alignmentErrorRate, 3))],
      ["loss, nats a token", ...models.map(({ metrics }) => rounded(metrics.loss, 4))],
      ["parameters", ...models.map(({ parameters }) => count(parameters))],
      ["embedding / hidden size", ...models.map(({ embeddingSize, hiddenSize }) => `${embeddingSize} / ${hiddenSize}`)],
      ["training steps", ...models.map(({ steps }) => count(steps))],
      ["training time, s", ...models.map(({ seconds }) => rounded(seconds, 1))],
      [
        "ran on",
        ...models.map(({ device, threads }) => `${device}, ${threads} ${threads === 1 ? "thread" : "threads"}`),
      ],
    ],
  );
}

function sentence(tokens: readonly string[], reference: readonly string[] | null): HTMLElement {
  const element = document.createElement("span");
  tokens.forEach((token, position) => {
    if (position > 0) element.append(" ");
    const right = reference === null || reference[position] === token;
    const word = document.createElement(right ? "span" : "mark");
    word.textContent = token;
    element.append(word);
  });
  if (tokens.length === 0) element.append("(nothing)");
  return element;
}

/** Test sentences with their reference and each model's translation; words unlike the reference's at that place are marked. */
export function exampleList({ examples, models }: RunSummary): Element {
  const list = document.createElement("div");
  list.className = "examples";
  for (const { source, target, outputs } of examples) {
    const item = document.createElement("dl");
    const add = (term: string, content: Node): void => {
      const name = document.createElement("dt");
      name.textContent = term;
      const value = document.createElement("dd");
      value.append(content);
      item.append(name, value);
    };
    add("source", sentence(source, null));
    add("reference", sentence(target, null));
    for (const { model } of models) {
      const output = outputs[model];
      if (output) add(modelNames[model], sentence(output, target));
    }
    list.append(item);
  }
  return list;
}
