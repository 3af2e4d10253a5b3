import additiveAttentionSource from "../../src/attention/additive.ts?raw";
import additiveScoreSource from "../../src/autograd/operations/additive-score.ts?raw";
import matmulSource from "../../src/autograd/operations/matmul.ts?raw";
import softmaxSource from "../../src/autograd/operations/softmax.ts?raw";
import type { AttentionCell, AttentionStudy } from "../../src/index.js";
import { exact } from "../plots/theme.js";

/** Of long vectors so many entries are written out, those that count most first. */
const SHOWN = 6;

interface Line {
  readonly text: string;
  readonly numbers: string;
  /** The file that computes it, and its text. */
  readonly file: string;
  readonly source: string;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const short = (value: number): string => String(Number(value.toPrecision(4)));
/** In parentheses where it is negative. */
const inSum = (value: number): string => (value < 0 ? `(${short(value)})` : short(value));
const length = (vector: readonly number[]): string => short(Math.sqrt(dot(vector, vector)));

/** "0.31·(−0.2) + … = e": a product of two vectors, its largest terms written out. */
function products(a: readonly number[], b: readonly number[]): string {
  const order = a.map((_, i) => i).sort((i, k) => Math.abs(a[k] * b[k]) - Math.abs(a[i] * b[i]));
  const shown = order.slice(0, SHOWN);
  const rest = order.slice(SHOWN).reduce((sum, i) => sum + a[i] * b[i], 0);
  const terms = shown.map((i) => `${inSum(a[i])}·${inSum(b[i])}`);
  if (order.length > SHOWN) terms.push(`${inSum(rest)} in ${order.length - SHOWN} smaller terms`);
  return `${terms.join(" + ")} = ${exact(dot(a, b))}`;
}

function lines(cell: AttentionCell, t: number, j: number): Line[] {
  const { query, key, q, v, scores, weights, weightGradients, scoreGradients } = cell;
  const largest = Math.max(...scores);
  const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
  const mean = dot(weights, weightGradients);
  const strongest = v.map((_, i) => i).sort((a, b) => Math.abs(v[b] * q[b]) - Math.abs(v[a] * q[a]))[0];
  const attention = { file: "src/attention/additive.ts", source: additiveAttentionSource };
  const score = { file: "src/autograd/operations/additive-score.ts", source: additiveScoreSource };
  const softmax = { file: "src/autograd/operations/softmax.ts", source: softmaxSource };
  const product = { file: "src/autograd/operations/matmul.ts", source: matmulSource };
  return [
    {
      text: `W s, U h: the decoder's state before word ${t + 1} and the encoder's at word ${j + 1}, projected`,
      numbers: `‖s‖ = ${length(cell.state)}, ‖h‖ = ${length(cell.annotation)}, ‖W s‖ = ${length(query)}, ‖U h‖ = ${length(key)}`,
      ...attention,
    },
    {
      text: `q = tanh(W s + U h), the unit that counts most, ${strongest + 1} of ${q.length}`,
      numbers: `tanh(${short(query[strongest])} + ${inSum(key[strongest])}) = ${exact(q[strongest])}`,
      ...score,
    },
    { text: "e = v · q", numbers: products(v, q), ...score },
    {
      text: "α = exp(e − max e) / Σ exp(e − max e)",
      numbers: `exp(${short(scores[j])} − ${inSum(largest)}) / ${short(sum)} = ${exact(weights[j])}`,
      ...softmax,
    },
    {
      text: "back: ᾱ = h · γ, γ the gradient of the context",
      numbers: products(cell.annotation, cell.contextGradient),
      ...product,
    },
    {
      text: "back: ē = α (ᾱ − Σ α ᾱ)",
      numbers: `${short(weights[j])}·(${short(weightGradients[j])} − ${inSum(mean)}) = ${exact(scoreGradients[j])}`,
      ...softmax,
    },
  ];
}

/** One cell's numbers in the formulas that make it, each with the code that computes it. */
export function cellArithmetic(cell: AttentionCell, { source, target }: AttentionStudy, t: number, j: number): Element {
  const element = document.createElement("div");
  element.className = "arithmetic";
  const heading = document.createElement("h3");
  heading.textContent = `${source[j]} → ${target[t]}`;
  const list = document.createElement("ol");
  for (const line of lines(cell, t, j)) {
    const item = document.createElement("li");
    const text = document.createElement("div");
    text.textContent = line.text;
    const numbers = document.createElement("code");
    numbers.textContent = line.numbers;
    const code = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = line.file;
    const pre = document.createElement("pre");
    pre.textContent = line.source;
    code.append(summary, pre);
    item.append(text, numbers, code);
    list.append(item);
  }
  element.append(heading, list);
  return element;
}
