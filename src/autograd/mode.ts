/** What operations do beside computing: whether they record a graph, and whether they look for NaN. */
interface Mode {
  recording: boolean;
  anomaly: boolean;
}

/** Read at every operation, so it is one mutable object and not a stack. */
export const mode: Mode = { recording: true, anomaly: false };

function withMode<T>(changes: Partial<Mode>, fn: () => T): T {
  const before = { ...mode };
  Object.assign(mode, changes);
  try {
    return fn();
  } finally {
    Object.assign(mode, before);
  }
}

/** Runs `fn` without recording: its results have no gradient and keep nothing alive. */
export const noGrad = <T>(fn: () => T): T => withMode({ recording: false }, fn);

/** Runs `fn` with recording on, also inside {@link noGrad}. */
export const enableGrad = <T>(fn: () => T): T => withMode({ recording: true }, fn);

/**
 * Runs `fn` and looks at every result and gradient: the first NaN or infinity made from finite numbers raises a
 * {@link GraphError} that names the operation, its inputs, and the place given by {@link within}. CPU only, and slow.
 */
export const detectAnomaly = <T>(fn: () => T): T => withMode({ anomaly: true }, fn);

let currentPlace = "";

/** Runs `fn` under a label, as "decoder" or "step 3", that anomaly reports and graphs show. */
export function within<T>(label: string, fn: () => T): T {
  const outer = currentPlace;
  currentPlace = outer ? `${outer} / ${label}` : label;
  try {
    return fn();
  } finally {
    currentPlace = outer;
  }
}

/** The labels around the running code, outermost first: "decoder / step 3"; "" outside of all. */
export const place = (): string => currentPlace;
