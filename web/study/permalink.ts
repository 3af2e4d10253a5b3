/** What the page shows, kept in the address behind "#", so that a link brings it back. */
const state = new URLSearchParams(location.hash.slice(1));

export const remembered = (key: string): string | null => state.get(key);

export function remember(key: string, value: string | null): void {
  if (value === null || value === "") state.delete(key);
  else state.set(key, value);
  history.replaceState(null, "", `#${state}`);
}
