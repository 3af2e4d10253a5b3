import { DataError } from "../errors.js";
import type { RunSummary } from "../training/summary.js";
import type { SentenceStudy } from "./sentence-study.js";

/** One point of a learning curve. */
export interface CurvePoint {
  readonly model: "rnnsearch" | "rnnencdec";
  readonly step: number;
  /** Nats a target token, on the training batch and on the validation set. */
  readonly loss: number;
  readonly validationLoss: number | null;
  /** L2 norm over all parameters, before clipping. */
  readonly gradientNorm: number;
}

/** Everything that the report page shows. */
export interface ReportData {
  readonly summary: RunSummary;
  readonly curves: readonly CurvePoint[];
  readonly studies: readonly SentenceStudy[];
}

/** Where the page's template holds its data. */
const PLACEHOLDER = '"__REPORT_DATA__"';

/**
 * Puts data into the built page (`dist/web/report.html`): one HTML file that needs nothing else.
 * @throws DataError where the template is not that page
 */
export function renderReport(template: string, data: ReportData): string {
  const parts = template.split(PLACEHOLDER);
  if (parts.length !== 2) {
    throw new DataError(
      `report: the page template holds ${PLACEHOLDER} ${parts.length - 1} times instead of once: build it again with npm run build:web`,
    );
  }
  // Inside a script element only "<" can end it or open a comment; JSON may write it as an escape.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return parts.join(json);
}
