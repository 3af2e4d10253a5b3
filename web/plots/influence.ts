import type { SentenceStudy } from "../../src/index.js";
import { exact, sequential } from "./theme.js";

/** What the words are tinted by. */
export const influenceQuantities = {
  influence: { symbol: "K", name: "K, of the source word's embedding on the word's logit" },
  stateInfluence: { symbol: "G", name: "G, of the encoder state on the word's loss" },
} as const;

export type InfluenceQuantity = keyof typeof influenceQuantities;

/** Tint for a share of the strongest influence, 0 to 1, and a text colour that can be read on it. */
function tint(share: number): { background: string; color: string } {
  const strength = Math.round(100 * Math.min(1, share));
  return {
    background: `color-mix(in oklab, ${sequential.at(-1)} ${strength}%, ${sequential[0]})`,
    color: strength > 50 ? "#fff" : "#111",
  };
}

/** The part of a study that is shown here. */
export type Influences = Pick<SentenceStudy, "source" | "target" | InfluenceQuantity>;

interface WordRow {
  readonly element: HTMLElement;
  readonly words: readonly HTMLElement[];
}

function wordRow(label: string, tokens: readonly string[]): WordRow {
  const element = document.createElement("div");
  element.className = "words";
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", label);
  const heading = document.createElement("span");
  heading.className = "words-label";
  heading.textContent = label;
  const words = tokens.map((token) => {
    const word = document.createElement("button");
    word.type = "button";
    word.className = "word";
    const text = document.createElement("span");
    text.textContent = token;
    const value = document.createElement("small");
    word.append(text, value);
    return word;
  });
  element.append(heading, ...words);
  return { element, words };
}

/**
 * Two rows of words. Point at (or tab to) a word of one row: the words of the other are tinted by how strongly the pair
 * is tied, the strongest darkest, with the number under each.
 */
export function influenceWords(study: Influences, quantity: InfluenceQuantity): Element {
  const matrix = study[quantity];
  const source = wordRow("source", study.source);
  const target = wordRow("target", study.target);
  const show = (chosen: HTMLElement, others: readonly HTMLElement[], values: readonly number[]): void => {
    for (const word of [...source.words, ...target.words]) {
      word.classList.toggle("chosen", word === chosen);
      word.removeAttribute("style");
      word.title = "";
      word.querySelector("small")!.textContent = "";
    }
    const strongest = Math.max(...values, Number.MIN_VALUE);
    others.forEach((word, i) => {
      Object.assign(word.style, tint(values[i] / strongest));
      word.title = `${influenceQuantities[quantity].symbol} = ${exact(values[i])}`;
      word.querySelector("small")!.textContent = String(Number(values[i].toPrecision(3)));
    });
  };
  const listen = (
    words: readonly HTMLElement[],
    others: readonly HTMLElement[],
    valuesOf: (i: number) => number[],
  ): void => {
    words.forEach((word, i) => {
      const choose = (): void => show(word, others, valuesOf(i));
      for (const event of ["pointerenter", "focus", "click"]) word.addEventListener(event, choose);
    });
  };
  listen(target.words, source.words, (t) => [...matrix[t]]);
  listen(source.words, target.words, (j) => matrix.map((row) => row[j]));
  show(target.words[0], source.words, matrix[0]);
  const element = document.createElement("div");
  element.append(source.element, target.element);
  return element;
}
