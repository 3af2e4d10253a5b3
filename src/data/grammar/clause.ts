import { persons, places, postpositions, type Setting, times, type Verb } from "./lexicon.js";
import {
  finiteForm,
  type NounPhrase,
  name,
  noteAction,
  nounPhrase,
  predicateAdjective,
  type Role,
  verbsOf,
} from "./noun-phrase.js";
import { chance, chinese, type Draw, emptyPhrase, english, type Phrase, word } from "./phrase.js";

interface Action {
  readonly verb: Verb;
  readonly object: Phrase;
  readonly past: boolean;
}

function action(draw: Draw, depth: number): Action {
  const role = draw.random.pick<Role | null>(["lively", "lively", "thing", "thing", null]);
  const verb = draw.random.pick(verbsOf(role));
  return { verb, object: role ? nounPhrase(draw, role, depth) : emptyPhrase, past: chance(draw, 0.5) };
}

/** A clause that states something. `depth` bounds relative clauses inside one another. */
export function statement(draw: Draw, depth: number): Phrase {
  return chance(draw, 0.2) ? description(draw, depth) : event(draw, depth);
}

/**
 * `Tom chased Jerry in the garden on Monday` and `on Monday Tom chased Jerry in the garden` are both
 * 星期一 汤姆 在 花园 里 追逐 了 杰瑞: the time comes first, the place before the verb. A place that English
 * puts first stays there.
 */
function event(draw: Draw, depth: number): Phrase {
  const subject = nounPhrase(draw, "lively", depth);
  const { verb, object, past } = action(draw, depth);
  noteAction(draw, subject, verb);
  const predicate = verbGroup(verb, past, subject.plural, chance(draw, 0.2));
  const place = chance(draw, 0.4 * draw.richness) ? placePhrase(draw) : emptyPhrase;
  const time = chance(draw, 0.4 * draw.richness) ? timePhrase(draw) : emptyPhrase;
  const front = draw.random.pick(["time", "place", "none"] as const);
  return {
    source: [
      ...(front === "time" ? time.source : []),
      ...(front === "place" ? place.source : []),
      ...subject.source,
      ...predicate.source,
      ...object.source,
      ...(front === "place" ? [] : place.source),
      ...(front === "time" ? [] : time.source),
    ],
    target: [
      ...time.target,
      ...(front === "place" ? place.target : []),
      ...subject.target,
      ...(front === "place" ? [] : place.target),
      ...predicate.target,
      ...object.target,
    ],
  };
}

/** `Tom is happy` is 汤姆 很 高兴; `Tom is a teacher` is 汤姆 是 一 位 老师; both are denied with 不. */
function description(draw: Draw, depth: number): Phrase {
  const negated = chance(draw, 0.3);
  const not = negated ? word("not", "不") : emptyPhrase;
  if (chance(draw, 0.3)) {
    const [subject, noun] = [name(draw), indefinitePerson(draw)];
    const is = word("is", "是");
    return {
      source: [...subject.source, ...is.source, ...not.source, ...noun.source],
      target: [...subject.target, ...not.target, ...is.target, ...noun.target],
    };
  }
  const role = draw.random.pick<Role>(["lively", "thing"]);
  const subject = nounPhrase(draw, role, depth);
  const adjective = predicateAdjective(draw, role);
  const is = word(subject.plural ? "are" : "is", "很");
  const quality = word(adjective.english, adjective.chinese);
  return {
    source: [...subject.source, ...is.source, ...not.source, ...quality.source],
    target: [...subject.target, ...(negated ? not.target : is.target), ...quality.target],
  };
}

function indefinitePerson(draw: Draw): Phrase {
  const noun = draw.random.pick(persons);
  const [article, head] = [english("a"), english(noun.singular)];
  return {
    source: [article, head],
    target: [chinese("一", article), chinese(noun.classifier, head), chinese(noun.chinese, head)],
  };
}

/** `chases` 追逐, `chased` 追逐 了, `does not chase` 不 追逐, `did not chase` 没 追逐. */
function verbGroup(verb: Verb, past: boolean, plural: boolean, negated: boolean): Phrase {
  const finite = english(finiteForm(verb, past, plural));
  if (!negated) {
    return { source: [finite], target: [chinese(verb.chinese, finite), ...(past ? [chinese("了", finite)] : [])] };
  }
  const [not, base] = [english("not"), english(verb.base)];
  return {
    source: [english(auxiliary(past, plural)), not, base],
    target: [chinese(past ? "没" : "不", not), chinese(verb.chinese, base)],
  };
}

function auxiliary(past: boolean, plural: boolean): string {
  if (past) return "did";
  return plural ? "do" : "does";
}

/** `in the garden` is 在 花园 里: both 在 and 里 come from the preposition. */
function placePhrase(draw: Draw): Phrase {
  const place = draw.random.pick(places);
  const [preposition, noun] = [english(place.preposition), english(place.english)];
  const after = postpositions[place.preposition];
  return {
    source: [preposition, ...articleOf(place), noun],
    target: [
      chinese("在", preposition),
      chinese(place.chinese, noun),
      ...(after === undefined ? [] : [chinese(after, preposition)]),
    ],
  };
}

/** `on Monday` is 星期一: the preposition comes to nothing. */
function timePhrase(draw: Draw): Phrase {
  const time = draw.random.pick(times);
  const noun = english(time.english);
  return { source: [english(time.preposition), ...articleOf(time), noun], target: [chinese(time.chinese, noun)] };
}

const articleOf = (setting: Setting) => (setting.article ? [english("the")] : []);

/** A question without its question mark: yes or no with 吗 at the end, or a question word that stays in its place. */
export function question(draw: Draw, depth: number): Phrase {
  const kind = draw.random.pick(["polar", "polar", "subject", "object", "place"] as const);
  if (kind === "subject") return subjectQuestion(draw, depth);
  const subject = nounPhrase(draw, "lively", depth);
  const { verb, object, past } = action(draw, depth);
  noteAction(draw, subject, verb);
  const time = chance(draw, 0.4 * draw.richness) ? timePhrase(draw) : emptyPhrase;
  if (kind === "object") return objectQuestion(draw, subject, past, time);
  const helper = english(auxiliary(past, subject.plural));
  const base = english(verb.base);
  const asked = kind === "place" ? word("where", "在", "哪里") : emptyPhrase;
  const place = kind === "polar" && chance(draw, 0.4 * draw.richness) ? placePhrase(draw) : asked;
  return {
    source: [
      ...asked.source,
      helper,
      ...subject.source,
      base,
      ...object.source,
      ...(place === asked ? [] : place.source),
      ...time.source,
    ],
    target: [
      ...time.target,
      ...subject.target,
      ...place.target,
      chinese(verb.chinese, base),
      ...(past ? [chinese("了", helper)] : []),
      ...object.target,
      ...(kind === "polar" ? [chinese("吗", helper)] : []),
    ],
  };
}

/** `who chased Jerry` is 谁 追逐 了 杰瑞. */
function subjectQuestion(draw: Draw, depth: number): Phrase {
  const who = word("who", "谁");
  const { verb, object, past } = action(draw, depth);
  const predicate = verbGroup(verb, past, false, false);
  const place = chance(draw, 0.4 * draw.richness) ? placePhrase(draw) : emptyPhrase;
  return {
    source: [...who.source, ...predicate.source, ...object.source, ...place.source],
    target: [...who.target, ...place.target, ...predicate.target, ...object.target],
  };
}

/** `what did Tom buy` is 汤姆 买 了 什么. */
function objectQuestion(draw: Draw, subject: NounPhrase, past: boolean, time: Phrase): Phrase {
  const role = draw.random.pick<Role>(["lively", "thing"]);
  const asked = role === "lively" ? word("who", "谁") : word("what", "什么");
  const verb = draw.random.pick(verbsOf(role));
  noteAction(draw, subject, verb);
  const [helper, base] = [english(auxiliary(past, subject.plural)), english(verb.base)];
  return {
    source: [...asked.source, helper, ...subject.source, base, ...time.source],
    target: [
      ...time.target,
      ...subject.target,
      chinese(verb.chinese, base),
      ...(past ? [chinese("了", helper)] : []),
      ...asked.target,
    ],
  };
}
