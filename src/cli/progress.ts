import cliProgress from "cli-progress";
import type { TrainingProgress } from "../training/training-loop.js";

/** Without a terminal, so many seconds pass between two lines. */
const PLAIN_SECONDS = 15;

/** Shows how training goes: a bar where there is a terminal, a plain line now and then where there is none. */
export interface ProgressDisplay {
  update(progress: TrainingProgress): void;
  stop(): void;
}

const clock = (seconds: number | null): string => {
  if (seconds === null) return "?";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

/** @param models in the order in which they are named */
export function progressDisplay(models: readonly string[]): ProgressDisplay {
  const losses = new Map<string, number>();
  const facts = ({ model, line, secondsLeft }: TrainingProgress) => {
    losses.set(model, line.loss);
    const shown = models.flatMap((name) => (losses.has(name) ? [`${name} ${losses.get(name)?.toFixed(3)}`] : []));
    return {
      step: line.step,
      loss: shown.join(", "),
      norm: line.gradientNorm.toFixed(2),
      rate: line.sentencesPerSecond.toFixed(0),
      left: clock(secondsLeft),
    };
  };
  return process.stderr.isTTY ? bar(facts) : plainLines(models, facts);
}

type Facts = (progress: TrainingProgress) => Record<string, string | number>;

function bar(facts: Facts): ProgressDisplay {
  const display = new cliProgress.SingleBar(
    {
      format: "{bar} {percentage} % | step {step} | loss {loss} | gradient {norm} | {rate} sentences/s | {left} left",
      barsize: 20,
      hideCursor: true,
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
  let started = false;
  return {
    update(progress) {
      if (!started) display.start(1000, 0, facts(progress));
      started = true;
      display.update(Math.round(progress.progress * 1000), facts(progress));
    },
    stop: () => display.stop(),
  };
}

function plainLines(models: readonly string[], facts: Facts): ProgressDisplay {
  let last = Number.NEGATIVE_INFINITY;
  return {
    update(progress) {
      const { step, loss, norm, rate, left } = facts(progress);
      const isLast = progress.model === models.at(-1);
      if (!isLast || (performance.now() - last < PLAIN_SECONDS * 1000 && progress.progress < 1)) return;
      last = performance.now();
      const percent = (100 * progress.progress).toFixed(0);
      console.error(
        `${percent} % | step ${step} | loss ${loss} | gradient ${norm} | ${rate} sentences/s | ${left} left`,
      );
    },
    stop() {},
  };
}
