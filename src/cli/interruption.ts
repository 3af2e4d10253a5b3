/** Raised when the user pressed Ctrl-C and everything is saved. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** While `act` runs, Ctrl-C only raises a flag, so that training can end with a checkpoint; pressed again, it ends at once. */
export async function withInterruption<T>(act: (requested: () => boolean) => Promise<T>): Promise<T> {
  let requested = false;
  const onSignal = (): void => {
    if (requested) process.exit(130);
    requested = true;
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await act(() => requested);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
