import type { SeedVariance } from "../../../src/index.js";
import { byId, figure } from "../../page/figure.js";
import { seedCurves } from "../../plots/explanation.js";
import { short } from "../../plots/theme.js";
import type { App } from "../app.js";
import { cancellable, type Progress } from "../cancellable.js";
import type { Explained } from "./explanation.js";

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);

/** 7b. How far attention moves by the seed alone, beside how far the adversary moves it. */
export function seedsSection(app: App, explained: Explained): void {
  const facts = byId("seeds-facts");
  const steps = app.data.summary?.models.find(({ model }) => model === "rnnsearch")?.steps ?? 0;
  let found: readonly SeedVariance[] = [];

  const redraw = figure("seeds", {
    draw: (width) =>
      found.length > 0 ? seedCurves(explained.latest()?.adversary.divergence ?? [], found, width) : null,
    otherwise: "No other seed was trained yet.",
    table: () =>
      found.flatMap(({ divergence, outputChange }, seed) =>
        divergence.map((value, word) => ({
          seed: seed + 1,
          word,
          divergence: value,
          outputChange: outputChange[word],
        })),
      ),
  });
  explained.onMeasured(redraw);
  const train = async ({ signal, share }: Progress): Promise<void> => {
    const ask = { run: explained.run, steps, pairs: explained.pairs() };
    const answer = await app.remote.ask("trainSeed", ask, { signal, onProgress: share });
    if (!answer) return;
    found = answer;
    const all = (pick: (one: SeedVariance) => readonly number[]): string => short(mean(found.flatMap(pick)));
    facts.textContent =
      `${found.length} other ${found.length === 1 ? "seed" : "seeds"}, ${steps.toLocaleString("en")} steps each. ` +
      `Mean divergence: ${all((one) => one.divergence)} nats; mean τ of the weights: ${all((one) => one.tau)}; ` +
      `mean change of the output: ${all((one) => one.outputChange)}, where the adversary is held to 0.01.`;
    redraw();
  };
  const enabled = explained.run >= 0 && steps > 0 && app.data.sentences.length > 0;
  cancellable("seeds", enabled, train);
}
