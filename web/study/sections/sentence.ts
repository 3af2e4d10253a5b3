import { choice, dropDown } from "../../page/choice.js";
import { byId, figure } from "../../page/figure.js";
import { beamTree } from "../../plots/beam.js";
import { exact, modelNames } from "../../plots/theme.js";
import type { App } from "../app.js";
import type { Translation } from "../calls.js";
import { remember, remembered, rememberedOption } from "../permalink.js";

const BEAMS = { "1": "greedy", "5": "beam of 5" } as const;

/**
 * 1. The sentence: typed or picked, translated while it is typed.
 * @returns translates and studies it again
 */
export function sentenceSection(app: App): () => void {
  const input = byId("sentence-input") as HTMLInputElement;
  const first = app.data.sentences[0];
  let run = Number(rememberedOption("run", Object.keys(app.runs)));
  let beam = Number(rememberedOption("beam", Object.keys(BEAMS)));
  input.value = remembered("sentence")?.trim() || (first?.source.join(" ") ?? "");

  let shown: Translation | null = null;
  const tree = figure("beam", {
    draw: (width) => (shown && beam > 1 ? beamTree(shown.beam, shown.target, width) : null),
    table: () => shown!.beam.map((node, index) => ({ node: index, ...node, ended: String(node.ended) })),
  });
  const update = (): void => {
    remember("sentence", input.value);
    const text = input.value.trim();
    const isEmpty = text === "";
    byId("sentence-empty").hidden = !isEmpty;
    if (isEmpty) return;
    app.remote
      .askLatest("translate", "translate", { run, text, beam }, (translation) => {
        const { source, target, study } = translation;
        const known = app.data.sentences.find((pair) => pair.source.join(" ") === source.join(" "));
        const isReference = known !== undefined && known.target.join(" ") === target.join(" ");
        app.present({ run, source, target, alignment: isReference ? known.alignment : undefined }, study);
        showTranslation(translation, app.computer.name);
        shown = translation;
        tree();
      })
      .catch(app.fail);
  };

  input.addEventListener("input", update);
  dropDown(
    byId("sentence-examples"),
    "or pick one",
    ["…", ...app.data.sentences.map(({ source }) => source.join(" "))],
    (index) => {
      if (index === 0) return;
      input.value = app.data.sentences[index - 1].source.join(" ");
      update();
    },
  );
  if (app.runs.length > 1) {
    const options = app.runs.map(({ model }, index) => [String(index), modelNames[model]] as const);
    choice(
      byId("run-choice"),
      "model",
      options,
      (chosen) => {
        run = Number(chosen);
        remember("run", chosen);
        update();
      },
      String(run),
    );
  }
  choice(
    byId("beam-choice"),
    "decoding",
    Object.entries(BEAMS),
    (chosen) => {
      beam = Number(chosen);
      remember("beam", chosen);
      update();
    },
    String(beam),
  );
  return update;
}

function showTranslation({ source, known, target, logProbability, milliseconds }: Translation, computer: string): void {
  const read = byId("sentence-read");
  read.replaceChildren(
    ...source.flatMap((word, i) => {
      const element = document.createElement(known[i] ? "span" : "mark");
      element.textContent = word;
      if (!known[i]) element.title = "not in the model's vocabulary: read as <unk>";
      return [element, " "];
    }),
  );
  byId("sentence-translation").textContent = target.join(" ") || "(nothing)";
  byId("sentence-facts").textContent =
    `ln p = ${exact(logProbability)}, in ${milliseconds.toFixed(0)} ms on ${computer}`;
}
