import type { SentenceStudy } from "../../src/index.js";
import { byId, figure } from "../page/figure.js";
import { type Alignment, alignmentHeatmap } from "../plots/alignment.js";
import { pathShares } from "../plots/paths.js";

/** Milliseconds a picture stands. */
const FRAME_MS = 250;

export interface Frame {
  readonly step: number;
  readonly study: Alignment & Pick<SentenceStudy, "paths">;
}

export interface FilmPlayer {
  /** Says that there are other frames, and shows one; the last where none is named. */
  update(index?: number): void;
}

/**
 * α, ē and the path split at one step of a training, with a slider and a button that plays them.
 * @param prefix of the elements' ids: `film`, say, for `film-slider`
 * @param frames those there are by now
 * @param shown hears which frame was chosen by the slider
 */
export function filmPlayer(
  prefix: string,
  frames: () => readonly Frame[],
  shown: (index: number) => void = () => {},
): FilmPlayer {
  const slider = byId(`${prefix}-slider`) as HTMLInputElement;
  const play = byId(`${prefix}-play`) as HTMLButtonElement;
  const study = () => frames()[slider.valueAsNumber]?.study ?? null;
  const redraws = [
    figure(`${prefix}-alpha`, { draw: (width) => study() && alignmentHeatmap(study()!, "alpha", width) }),
    figure(`${prefix}-score`, { draw: (width) => study() && alignmentHeatmap(study()!, "eBar", width) }),
    figure(`${prefix}-paths`, { draw: (width) => study() && pathShares(study()!, width) }),
  ];
  const show = (index: number): void => {
    slider.value = String(index);
    const frame = frames()[index];
    byId(`${prefix}-step`).textContent = frame ? `step ${frame.step.toLocaleString("en")}` : "";
    for (const redraw of redraws) redraw();
  };
  const update = (index = frames().length - 1): void => {
    slider.max = String(Math.max(0, frames().length - 1));
    slider.disabled = play.disabled = frames().length === 0;
    show(Math.min(index, frames().length - 1));
  };

  let playing: ReturnType<typeof setInterval> | null = null;
  const stop = (): void => {
    if (playing !== null) clearInterval(playing);
    playing = null;
    play.textContent = "Play";
  };
  slider.addEventListener("input", () => {
    stop();
    show(slider.valueAsNumber);
    shown(slider.valueAsNumber);
  });
  play.addEventListener("click", () => {
    if (playing !== null) return stop();
    let index = slider.valueAsNumber >= frames().length - 1 ? 0 : slider.valueAsNumber;
    play.textContent = "Stop";
    playing = setInterval(() => {
      if (index < frames().length) show(index++);
      else stop();
    }, FRAME_MS);
  });
  return { update };
}
