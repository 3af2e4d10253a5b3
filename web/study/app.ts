import type { AttentionStudy, ScalpelName, SentenceStudy, StudyPageData } from "../../src/index.js";
import type { AskedSentence, Computer, OpenedRun } from "./calls.js";
import type { Remote } from "./remote.js";

/** A sentence with what was found out about it. */
export interface Studied {
  readonly sentence: AskedSentence;
  readonly study: AttentionStudy;
}

/** What all sections share: the worker, the runs, and the sentence that is looked at. */
export class App {
  private readonly listeners: ((studied: Studied) => void)[] = [];
  private readonly influenced: ((study: SentenceStudy) => void)[] = [];
  private latest: Studied | null = null;

  constructor(
    readonly remote: Remote,
    readonly data: StudyPageData,
    readonly runs: readonly OpenedRun[],
    /** What each scalpel cuts. */
    readonly scalpels: Readonly<Record<ScalpelName, string>>,
    public computer: Computer,
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

  /** Calls a section whenever the influence of a sentence's words, which comes after the rest, became known. */
  onInfluence(listener: (study: SentenceStudy) => void): void {
    this.influenced.push(listener);
  }

  /** Redraws section by section, each in a task of its own, so that the page stays awake; what is overtaken stops. */
  private show(studied: Studied, next = 0): void {
    if (studied !== this.latest || next === this.listeners.length) return;
    this.listeners[next](studied);
    setTimeout(() => this.show(studied, next + 1));
  }

  /** Shows a sentence that was studied. Its translation is the target of every further question. */
  present(sentence: AskedSentence, study: AttentionStudy): void {
    const studied = { sentence, study: { ...study, gold: sentence.alignment ?? null } };
    this.latest = studied;
    this.show(studied);
    this.remote
      .askLatest("influence", "influence", { sentence }, (influence) => {
        if (this.latest !== studied) return;
        for (const listener of this.influenced) listener({ ...studied.study, ...influence });
      })
      .catch(this.fail);
  }
}
