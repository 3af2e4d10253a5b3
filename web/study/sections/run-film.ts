import { choice, dropDown } from "../../page/choice.js";
import { byId } from "../../page/figure.js";
import { modelNames } from "../../plots/theme.js";
import type { App } from "../app.js";
import { type Frame, filmPlayer } from "../film-player.js";
import { remember, rememberedWhole } from "../permalink.js";

/** 8a. The film that a run saved while it trained. */
export function runFilmSection(app: App): void {
  const films = app.data.runs.flatMap(({ film }, run) =>
    film && film.frames.length > 0 ? [{ film, name: modelNames[app.runs[run].model] }] : [],
  );
  if (films.length === 0) {
    byId("run-film").remove();
    return;
  }
  let { film } = films[rememberedWhole("film-run", 0, films.length - 1) ?? 0];
  let sentence = rememberedWhole("film-sentence", 0, film.sentences.length - 1) ?? 0;
  let frames: Frame[] = [];
  const player = filmPlayer(
    "run-film",
    () => frames,
    (index) => remember("film-frame", String(index)),
  );
  const update = (index?: number): void => {
    frames = film.frames.map(({ step, pictures }) => ({
      step,
      study: { ...film.sentences[sentence], ...pictures[sentence], alphaBar: null },
    }));
    player.update(index);
  };
  if (films.length > 1) {
    const options = films.map(({ name }, index) => [String(index), name] as const);
    choice(
      byId("run-film-run"),
      "film of",
      options,
      (chosen) => {
        ({ film } = films[Number(chosen)]);
        remember("film-run", chosen);
        update();
      },
      String(films.findIndex((one) => one.film === film)),
    );
  }
  const select = dropDown(
    byId("run-film-sentence"),
    "sentence",
    film.sentences.map(({ source }) => source.slice(0, -1).join(" ")),
    (index) => {
      sentence = index;
      remember("film-sentence", String(index));
      update();
    },
  );
  select.selectedIndex = sentence;
  update(rememberedWhole("film-frame", 0, film.frames.length - 1) ?? undefined);
}
