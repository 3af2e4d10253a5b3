import type { SentencePair } from "../data/pair.js";
import { DataError } from "../errors.js";
import type { RunSummary } from "../training/summary.js";
import type { Film } from "./film.js";
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
  /** Where the live study page lies, seen from the report; no link to it where left out. */
  readonly studyPage?: string;
}

/** A run's files as a page carries them: text as it is, the model's numbers in base64. */
export interface RunFiles {
  readonly name: string;
  /** `config.json` and `vocabulary.json`. */
  readonly config: string;
  readonly vocabulary: string;
  /** `model.safetensors`, base64. */
  readonly model: string;
  /** Of its training; null where there is none. */
  readonly film: Film | null;
}

/** Everything that the live study page starts from. */
export interface StudyPageData {
  /** The models to study, one with attention first. */
  readonly runs: readonly RunFiles[];
  /** Test sentences to choose from and to measure on. */
  readonly sentences: readonly SentencePair[];
  /** For the comparison by length; null where the run was not evaluated. */
  readonly summary: RunSummary | null;
  /** Where the run's report lies, seen from the page; no link to it where left out. */
  readonly reportPage?: string;
}

/** Where a page's template holds its data. */
const PLACEHOLDER = '"__REPORT_DATA__"';

/**
 * Puts data into the built report (`dist/web/report.html`): one HTML file that needs nothing else.
 * @throws DataError where the template is not that page
 */
export const renderReport = (template: string, data: ReportData): string => fill(template, data);

/**
 * Puts models and sentences into the built study page (`dist/web/study.html`), which runs them itself.
 * @throws DataError where the template is not that page
 */
export const renderStudyPage = (template: string, data: StudyPageData): string => fill(template, data);

function fill(template: string, data: ReportData | StudyPageData): string {
  const parts = template.split(PLACEHOLDER);
  if (parts.length !== 2) {
    throw new DataError(
      `page: the template holds ${PLACEHOLDER} ${parts.length - 1} times instead of once: build it again with npm run build:web`,
    );
  }
  // Inside a script element only "<" can end it or open a comment; JSON may write it as an escape.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return parts.join(json);
}
