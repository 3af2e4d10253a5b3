/** Shorter runs cost more to name than to write out. */
const SHORTEST = 24;

/**
 * What to take from one array of bytes to make another: pieces between commas, "start+length" where they are there, and
 * hexadecimal where they are not. Greedy, the longest run first.
 */
export function bytePatch(from, to) {
  const places = new Map();
  const key = (bytes, at) => bytes.toString("latin1", at, at + SHORTEST);
  for (let at = 0; at + SHORTEST <= from.length; at++)
    places.set(key(from, at), [...(places.get(key(from, at)) ?? []), at]);
  const runFrom = (at, start) => {
    let length = SHORTEST;
    while (at + length < to.length && to[at + length] === from[start + length]) length++;
    return { start, length };
  };
  const pieces = [];
  let written = 0;
  for (let at = 0; at < to.length; ) {
    const runs = (places.get(key(to, at)) ?? []).map((start) => runFrom(at, start));
    const { start, length } = runs.reduce((best, run) => (run.length > best.length ? run : best), { length: 0 });
    if (length === 0) at++;
    else {
      if (at > written) pieces.push(to.toString("hex", written, at));
      pieces.push(`${start}+${length}`);
      at += length;
      written = at;
    }
  }
  if (to.length > written) pieces.push(to.toString("hex", written));
  return pieces.join(",");
}
