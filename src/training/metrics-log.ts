import { DataError } from "../errors.js";
import type { RunStorage } from "./run-storage.js";
import type { StepReport } from "./trainer.js";

export const METRICS_FILE = "metrics.jsonl";

/** One line of `metrics.jsonl`. */
export interface MetricsLine extends Omit<StepReport, "sentences"> {
  readonly model: string;
  /** Of this model's training so far. */
  readonly seconds: number;
  /** Mean over the steps since the line before, in nats a target token. */
  readonly loss: number;
  /** In nats a token, where it was measured. */
  readonly validationLoss?: number;
  readonly sentencesPerSecond: number;
}

const write = (line: MetricsLine): string => `${JSON.stringify(line)}\n`;

export async function appendMetrics(storage: RunStorage, line: MetricsLine): Promise<void> {
  await storage.append(METRICS_FILE, write(line));
}

export async function writeMetrics(storage: RunStorage, lines: readonly MetricsLine[]): Promise<void> {
  await storage.write(METRICS_FILE, new TextEncoder().encode(lines.map(write).join("")));
}

/**
 * The lines so far; none where there is no file. A last line that a crash cut off is left out.
 * @throws DataError for any other line that is no metrics
 */
export async function readMetrics(storage: RunStorage): Promise<MetricsLine[]> {
  const bytes = await storage.read(METRICS_FILE);
  if (!bytes) return [];
  const texts = new TextDecoder().decode(bytes).split("\n");
  texts.pop();
  return texts.map((text, i) => {
    try {
      const line: unknown = JSON.parse(text);
      if (typeof line === "object" && line !== null && "step" in line) return line as MetricsLine;
    } catch {
      // said below, in the same words as for JSON that is no metrics
    }
    throw new DataError(`${storage.place}/${METRICS_FILE}: line ${i + 1} is not a line of metrics`);
  });
}
