import { byId, figure } from "../../page/figure.js";
import { exact } from "../../plots/theme.js";
import { parameterNorms, type TrainingPoint, trainingLoss } from "../../plots/training.js";
import type { App } from "../app.js";
import type { TrainingReport } from "../calls.js";
import { type Frame, filmPlayer } from "../film-player.js";
import { remember, rememberedNumber } from "../permalink.js";

const SETUP = { embeddingSize: 32, hiddenSize: 48, batchSize: 32, maxLength: 12, seed: 1 };
/** A run of steps that is stopped by the button. */
const ENDLESS = 1_000_000;
const FRAME_EVERY = 20;

/** 8b. Training, in the page, and its film. */
export function trainingSection(app: App): void {
  const button = (id: string): HTMLButtonElement => byId(id) as HTMLButtonElement;
  const [go, pause, one, restart] = ["train-go", "train-pause", "train-step", "train-restart"].map(button);
  const rate = byId("train-rate") as HTMLInputElement;
  let points: TrainingPoint[] = [];
  let frames: Frame[] = [];
  let prepared = false;
  let controller: AbortController | null = null;

  const curves = [
    figure("train-loss", {
      draw: (width) => (points.length > 0 ? trainingLoss(points, width) : null),
      otherwise: "Not trained yet.",
      table: () => points.map(({ step, loss, gradientNorm }) => ({ step, loss, gradientNorm })),
    }),
    figure("train-norms", {
      draw: (width) => (points.length > 0 ? parameterNorms(points, width) : null),
      otherwise: "Not trained yet.",
      table: () =>
        points.flatMap(({ step, gradientNorms }) =>
          Object.entries(gradientNorms).map(([parameter, norm]) => ({ step, parameter, norm })),
        ),
    }),
  ];
  const film = filmPlayer("film", () => frames);
  const add = (report: TrainingReport): void => {
    points.push(report);
    byId("train-facts").textContent =
      `step ${report.step}, loss ${exact(report.loss)}, gradient norm ${exact(report.gradientNorm)}, ` +
      `${report.sentencesPerSecond.toFixed(0)} sentences a second`;
    for (const redraw of curves) redraw();
    if (!report.frame) return;
    frames.push({ step: report.step, study: report.frame });
    film.update();
  };
  const setRunning = (running: boolean): void => {
    [go.disabled, one.disabled, restart.disabled, pause.disabled] = [running, running, running, !running];
  };

  const prepare = async (): Promise<void> => {
    [points, frames, prepared] = [[], [], true];
    film.update();
    const { parameters, sentence } = await app.remote.ask("prepareTraining", SETUP);
    byId("train-sentence").textContent = sentence.join(" ");
    byId("train-facts").textContent = `${parameters.toLocaleString("en")} parameters, still random`;
  };
  const train = async (steps: number): Promise<void> => {
    setRunning(true);
    try {
      if (!prepared) await prepare();
      controller = new AbortController();
      // Asked for anew every so many steps, so that a changed learning rate and other questions get their turn.
      for (let left = steps; left > 0 && !controller.signal.aborted; left -= FRAME_EVERY) {
        const ask = {
          steps: Math.min(left, FRAME_EVERY),
          learningRate: 10 ** rate.valueAsNumber,
          frameEvery: FRAME_EVERY,
        };
        add(await app.remote.ask("train", ask, { signal: controller.signal, onProgress: add }));
      }
    } catch (error) {
      app.fail(error);
    }
    setRunning(false);
  };

  const showRate = (): void => {
    byId("train-rate-value").textContent = String(Number((10 ** rate.valueAsNumber).toPrecision(2)));
  };
  rate.addEventListener("input", () => {
    showRate();
    remember("learning-rate", rate.value);
  });
  rate.value = String(rememberedNumber("learning-rate", Number(rate.min), Number(rate.max)) ?? rate.value);
  showRate();
  go.addEventListener("click", () => void train(ENDLESS));
  one.addEventListener("click", () => void train(1));
  pause.addEventListener("click", () => controller?.abort());
  restart.addEventListener("click", () => {
    prepared = false;
    void train(1);
  });
  setRunning(false);
  film.update();
}
