import type { ScalpelName, SentenceStudy, StudyPageData } from "../../src/index.js";
import type { AskedSentence, OpenedRun } from "./calls.js";
import type { Remote } from "./remote.js";

/** A sentence with what was found out about it. */
export interface Studied {
  readonly sentence: AskedSentence;
  readonly study: SentenceStudy;
}

/** What all sections share: the worker, the runs, and the sentence that is looked at. */
export class App {
  private readonly listeners: ((studied: Studied) => void)[] = [];
  private latest: Studied | null = null;

  constructor(
    readonly remote: Remote,
    readonly data: StudyPageData,
    readonly runs: readonly OpenedRun[],
    /** What each scalpel cuts. */
    readonly scalpels: Readonly<Record<ScalpelName, string>>,
    /** Says what went wrong, in the page. */
    readonly fail: (error: unknown) => void,
  ) {}

  get studied(): Studied | null {
    return this.latest;
  }

  /** Calls a section whenever another sentence was studied. */
  onStudied(listener: (studied: Studied) => void): void {
    this.listeners.push(listener);
  }

  /** Redraws section by section, each in a task of its own, so that the page stays awake; what is overtaken stops. */
  private show(studied: Studied, next = 0): void {
    if (studied !== this.latest || next === this.listeners.length) return;
    this.listeners[next](studied);
    setTimeout(() => this.show(studied, next + 1));
  }

  /** Studies a sentence; of several that come quickly only the last is shown. */
  study(sentence: AskedSentence): void {
    this.remote
      .askLatest("study", "study", { sentence, cuts: [], truncate: null }, (study) => {
        // The translation that the model made itself is the target of every further question.
        const target = sentence.target ?? study.target.slice(0, -1);
        this.latest = { sentence: { ...sentence, target }, study };
        this.show(this.latest);
      })
      .catch(this.fail);
  }
}
