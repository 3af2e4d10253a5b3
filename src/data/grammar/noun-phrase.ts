import {
  type Adjective,
  animals,
  colours,
  determiners,
  intransitiveVerbs,
  livelyAdjectives,
  livelyVerbs,
  type Noun,
  names,
  persons,
  thingAdjectives,
  things,
  thingVerbs,
  type Verb,
} from "./lexicon.js";
import { chance, chinese, type Draw, emptyPhrase, english, type Phrase, type TargetWord, word } from "./phrase.js";

/** Who acts and what is acted upon: persons, animals and names, or things. */
export type Role = "lively" | "thing";

export interface NounPhrase extends Phrase {
  readonly plural: boolean;
  /** The words that can act: one, or one for each member of a coordination. */
  readonly heads: readonly string[];
}

const livelyNouns = [...persons, ...animals];

/** Notes which verb a subject meets, so that some meetings can be kept for the test. */
export function noteAction(draw: Draw, subject: NounPhrase, verb: Verb): void {
  for (const head of subject.heads) draw.combinations.push(`${head} ${verb.base}`);
}

/** `Tom`, `the red hat`, `two cats which Mary saw`, `Tom and a dog`. Relative clauses are at most `depth` deep. */
export function nounPhrase(draw: Draw, role: Role, depth = 1): NounPhrase {
  if (chance(draw, 0.14 * draw.richness)) return coordination(draw, role);
  return role === "lively" && chance(draw, 0.4) ? name(draw) : commonNoun(draw, role, depth);
}

/** No member carries a relative clause: `the cat which saw Tom and Mary` has one reading. */
function coordination(draw: Draw, role: Role): NounPhrase {
  const member = () => (role === "lively" && chance(draw, 0.4) ? name(draw) : commonNoun(draw, role, 0));
  const first = member();
  let second = member();
  while (second.heads[0] === first.heads[0]) second = member();
  const and = word("and", "和");
  return {
    source: [...first.source, ...and.source, ...second.source],
    target: [...first.target, ...and.target, ...second.target],
    plural: true,
    heads: [...first.heads, ...second.heads],
  };
}

export function name(draw: Draw): NounPhrase {
  const { english: source, chinese: target } = draw.random.pick(names);
  return { ...word(source, target), plural: false, heads: [source] };
}

/**
 * `a red hat which Tom bought` is 汤姆 买 的 一 顶 红色 的 帽子: relative clause, determiner, classifier, adjective, noun.
 * The classifier comes from the noun that chooses it, 的 from the adjective or the relative pronoun.
 */
function commonNoun(draw: Draw, role: Role, depth: number): NounPhrase {
  const noun = draw.random.pick(role === "lively" ? livelyNouns : things);
  const plural = chance(draw, 0.35);
  const head = english(plural ? noun.plural : noun.singular);
  const adjective = chance(draw, 0.15 + 0.35 * draw.richness) ? attribute(draw, role, noun) : emptyPhrase;
  const relative =
    depth > 0 && chance(draw, 0.3 * draw.richness) ? relativeClause(draw, noun, plural, depth) : emptyPhrase;
  const determiner = english("the");
  const counted: TargetWord[] = [];
  const source = [determiner, ...adjective.source, head, ...relative.source];
  if (plural || chance(draw, 0.6)) {
    const [text, translation] = draw.random.pick<readonly [string, string]>(
      plural ? determiners.plural : determiners.singular,
    );
    source[0] = english(text);
    counted.push(chinese(translation, source[0]), chinese(noun.classifier, head));
  }
  return {
    source,
    target: [...relative.target, ...counted, ...adjective.target, chinese(noun.chinese, head)],
    plural,
    heads: [noun.singular],
  };
}

const adjectivesOf = (role: Role): readonly Adjective[] => (role === "lively" ? livelyAdjectives : thingAdjectives);

/** An adjective that can stand after `is`. */
export const predicateAdjective = (draw: Draw, role: Role): Adjective => draw.random.pick(adjectivesOf(role));

function attribute(draw: Draw, role: Role, noun: Noun): Phrase {
  const coloured = noun.kind !== "person" && chance(draw, 0.3);
  const adjective = draw.random.pick(coloured ? colours : adjectivesOf(role));
  draw.combinations.push(`${adjective.english} ${noun.singular}`);
  return word(adjective.english, adjective.chinese, "的");
}

/**
 * `who helped Tom` is 帮助 汤姆 的, `who Tom helped` is 汤姆 帮助 的; both stand before the noun. Chinese says no 了
 * here. No time, place or coordination inside, so that what follows belongs to the main clause.
 */
function relativeClause(draw: Draw, noun: Noun, plural: boolean, depth: number): Phrase {
  const pronoun = english(noun.kind === "person" ? "who" : "which");
  const inner = (role: Role) =>
    role === "lively" && chance(draw, 0.5) ? name(draw) : commonNoun(draw, role, depth - 1);
  const past = chance(draw, 0.5);
  const of = chinese("的", pronoun);
  if (noun.kind === "thing" || chance(draw, 0.4)) {
    const subject = inner("lively");
    const verb = draw.random.pick(noun.kind === "thing" ? thingVerbs : livelyVerbs);
    noteAction(draw, subject, verb);
    const action = word(finiteForm(verb, past, subject.plural), verb.chinese);
    return {
      source: [pronoun, ...subject.source, ...action.source],
      target: [...subject.target, ...action.target, of],
    };
  }
  const objectRole = draw.random.pick<Role | null>(["lively", "lively", "thing", "thing", null]);
  const verb = draw.random.pick(verbsOf(objectRole));
  draw.combinations.push(`${noun.singular} ${verb.base}`);
  const action = word(finiteForm(verb, past, plural), verb.chinese);
  const object = objectRole ? inner(objectRole) : emptyPhrase;
  return {
    source: [pronoun, ...action.source, ...object.source],
    target: [...action.target, ...object.target, of],
  };
}

/** The verbs that take an object of this role; `null`: no object. */
export function verbsOf(objectRole: Role | null): readonly Verb[] {
  if (objectRole === null) return intransitiveVerbs;
  return objectRole === "lively" ? livelyVerbs : thingVerbs;
}

export function finiteForm(verb: Verb, past: boolean, plural: boolean): string {
  if (past) return verb.past;
  return plural ? verb.base : verb.third;
}
