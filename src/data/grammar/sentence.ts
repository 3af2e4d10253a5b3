import { question, statement } from "./clause.js";
import { chance, type Draw, type Phrase, word } from "./phrase.js";

/** One whole sentence of so many clauses; a question is one clause. Relative clauses are at most `depth` deep. */
export function sentence(draw: Draw, clauses: number, depth: number): Phrase {
  if (clauses === 1 && chance(draw, 0.25)) return closed(question(draw, depth), word("?", "？"));
  let { body, left } = period(draw, clauses, depth);
  while (left > 0) {
    const next = period(draw, left, depth);
    body = joined(draw, body, next.body);
    left = next.left;
  }
  return closed(body, word(".", "。"));
}

const closed = (body: Phrase, mark: Phrase): Phrase => ({
  source: [...body.source, ...mark.source],
  target: [...body.target, ...mark.target],
});

/** `A , and B` is A ， 而且 B. Joined last, so that it never splits a clause from the `because` that belongs to it. */
function joined(draw: Draw, first: Phrase, second: Phrase): Phrase {
  const comma = word(",", "，");
  const conjunction = chance(draw, 0.5) ? word("and", "而且") : word("but", "但是");
  return {
    source: [...first.source, ...comma.source, ...conjunction.source, ...second.source],
    target: [...first.target, ...comma.target, ...conjunction.target, ...second.target],
  };
}

/** A clause, or two of which one depends on the other, and how many of the allowed clauses are left. */
function period(draw: Draw, clauses: number, depth: number): { body: Phrase; left: number } {
  const main = statement(draw, depth);
  if (clauses < 2 || chance(draw, 0.5)) return { body: main, left: clauses - 1 };
  return { body: subordinate(draw, main, statement(draw, depth)), left: clauses - 2 };
}

/** `A because B` is 因为 B ， 所以 A; `when B , A` is B 的时候 ， A; `if B , A` is 如果 B ， A. */
function subordinate(draw: Draw, main: Phrase, condition: Phrase): Phrase {
  const kind = draw.random.pick(["because", "when", "if"] as const);
  if (kind === "because") {
    const because = word("because", "因为", "，", "所以");
    const [reason, comma, therefore] = because.target;
    return {
      source: [...main.source, ...because.source, ...condition.source],
      target: [reason, ...condition.target, comma, therefore, ...main.target],
    };
  }
  const comma = word(",", "，");
  const conjunction = kind === "when" ? word("when", "的时候") : word("if", "如果");
  return {
    source: [...conjunction.source, ...condition.source, ...comma.source, ...main.source],
    target: [
      ...(kind === "if" ? conjunction.target : []),
      ...condition.target,
      ...(kind === "when" ? conjunction.target : []),
      ...comma.target,
      ...main.target,
    ],
  };
}
