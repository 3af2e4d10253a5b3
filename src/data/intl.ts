import { DataError } from "../errors.js";
import { Random } from "../tensor/random.js";
import { type Drawing, intlKinds } from "./intl/phrases.js";
import { type Corpus, type SentencePair, type SplitSizes, sentenceKey } from "./pair.js";
import { splitPairs } from "./pairs.js";
import { tokenize } from "./tokenize.js";

export type IntlKind = keyof typeof intlKinds;

export interface IntlOptions extends SplitSizes {
  readonly seed: number;
  /** BCP 47 tag of the language to translate into: `zh`, `fr`, `de`, … */
  readonly locale: string;
  /** How many different English phrases in all, the parts for validation and test counted. */
  readonly pairs: number;
  /** What the phrases are about; everything unless told. */
  readonly kinds?: readonly IntlKind[];
  readonly lowerCase?: boolean;
}

/** So many phrases in a row that were drawn before mean that there are no more. */
const PATIENCE = 20_000;

/**
 * English → any language from the locale data (CLDR) that the platform carries: dates, lists of regions, languages,
 * currencies, amounts of money, measures and relative times. Real translations, thousands of them, no download.
 * Every English phrase comes once. The same options give the same corpus wherever the locale data is the same version.
 *
 * @throws DataError for a locale that is not a tag, or that the platform has no data for; for too many pairs
 */
export function intlCorpus(options: IntlOptions): Corpus {
  const { seed, pairs: count, lowerCase = false } = options;
  const locale = supportedLocale(options.locale);
  const kinds = options.kinds ?? (Object.keys(intlKinds) as IntlKind[]);
  const drawing = kinds.map((kind) => drawingOf(kind)(locale));
  if (drawing.length === 0) throw new DataError("intl: kinds is empty. Leave it out for all of them.");
  if (!Number.isInteger(count) || count < 1) throw new DataError(`intl: pairs must be a count from 1, got ${count}`);
  const random = new Random(seed);
  const seen = new Set<string>();
  const pairs: SentencePair[] = [];
  let misses = 0;
  while (pairs.length < count) {
    const phrase = random.pick(drawing)(random);
    const source = tokenize(phrase.source, { language: "en", lowerCase });
    const target = tokenize(phrase.target, { language: locale, lowerCase });
    const key = sentenceKey(source);
    if (seen.has(key)) {
      if (++misses > PATIENCE) {
        throw new DataError(
          `intl: there are only ${pairs.length} different phrases of ${kinds.join(", ")}. Ask for fewer.`,
        );
      }
      continue;
    }
    misses = 0;
    seen.add(key);
    pairs.push({ source, target });
  }
  return {
    name: `intl ${locale}`,
    sourceLanguage: "en",
    targetLanguage: locale,
    ...splitPairs(pairs, { ...options, seed: random.integer(0x7fffffff) }),
  };
}

function drawingOf(kind: IntlKind): (locale: string) => Drawing {
  if (Object.hasOwn(intlKinds, kind)) return intlKinds[kind];
  throw new DataError(`intl: no kind "${kind}". There are ${Object.keys(intlKinds).join(", ")}.`);
}

/** The locale in its canonical spelling, if each of the platform's formatters has data for it. */
function supportedLocale(locale: string): string {
  let canonical: string;
  try {
    canonical = new Intl.Locale(locale).toString();
  } catch {
    throw new DataError(`intl: "${locale}" is not a language tag. Try "zh", "fr" or "de".`);
  }
  const supported = [
    Intl.DateTimeFormat.supportedLocalesOf(canonical),
    Intl.DisplayNames.supportedLocalesOf(canonical),
    Intl.ListFormat.supportedLocalesOf(canonical),
    Intl.NumberFormat.supportedLocalesOf(canonical),
    Intl.RelativeTimeFormat.supportedLocalesOf(canonical),
  ];
  if (supported.some((locales) => locales.length === 0)) {
    throw new DataError(`intl: this platform has no locale data for "${locale}". Try "zh", "fr" or "de".`);
  }
  if (new Intl.Locale(canonical).language === "en") throw new DataError("intl: English → English is no translation");
  return canonical;
}
