/** What the page shows, kept in the address behind "#", so that a link brings it back. */
const state = new URLSearchParams(location.hash.slice(1));

export const remembered = (key: string): string | null => state.get(key);

/** The one of some options that the address names, or another where it names none of them. */
export function rememberedOption<T extends string>(key: string, options: readonly T[], otherwise = options[0]): T {
  return options.find((option) => option === state.get(key)) ?? otherwise;
}

/** The number that the address names, where there is one within bounds. */
export function rememberedNumber(key: string, least: number, most: number): number | null {
  const text = state.get(key);
  const value = Number(text);
  return text !== null && text !== "" && value >= least && value <= most ? value : null;
}

/** The same for whole numbers. */
export function rememberedWhole(key: string, least: number, most: number): number | null {
  const value = rememberedNumber(key, least, most);
  return Number.isInteger(value) ? value : null;
}

export function remember(key: string, value: string | null): void {
  if (value === null || value === "") state.delete(key);
  else state.set(key, value);
  history.replaceState(null, "", `#${state}`);
}

/** A link that is put into the address of an open page is followed as in a new one. */
addEventListener("hashchange", () => location.reload());
