import benny from "benny";
import type { TimedCase, Timer } from "./timer.js";

/** benny takes a function that returns a promise as one to wait for, and the value of any other as a case to be made. */
const caseOf = ({ run, waits }: TimedCase) => {
  if (waits) return async () => void (await run());
  return () => void run();
};

/** One benny suite: the cases in the given order. */
export const bennyTimer: Timer = async (cases, seconds) => {
  // It never ends a suite without cases.
  if (cases.length === 0) return [];
  // No pause between samples: on a shared machine it only lets others in.
  const options = ({ share = 1 }: TimedCase) => ({ minTime: 0.002, maxTime: seconds * share, minSamples: 1, delay: 0 });
  const { log } = console;
  // benny announces every suite, and there is one a round.
  console.log = () => {};
  try {
    const { results } = await benny.suite(
      "round",
      ...cases.map((one) => benny.add(one.name, caseOf(one), options(one))),
    );
    return results.map(({ details }, i) => details.sampleResults.map((perRun) => (perRun * 1000) / cases[i].calls));
  } finally {
    console.log = log;
  }
};
