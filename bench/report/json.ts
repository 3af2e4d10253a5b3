/** JSON has no Infinity: an error without bound is written as this text. */
export const INFINITE = "Infinity";

export const writeJson = (value: unknown, space?: number): string =>
  JSON.stringify(value, (_, one) => (one === Number.POSITIVE_INFINITY ? INFINITE : one), space);

/** Reads what {@link writeJson} wrote. */
export const parseJson = (text: string) =>
  JSON.parse(text, (key, value) => (key === "ulp" && value === INFINITE ? Number.POSITIVE_INFINITY : value));
