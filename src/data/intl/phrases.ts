import type { Random } from "../../tensor/random.js";

/** One thing said in English and in another language. */
export interface IntlPhrase {
  readonly source: string;
  readonly target: string;
}

/** Draws one phrase after another. */
export type Drawing = (random: Random) => IntlPhrase;

const REGIONS =
  "AR AT AU BE BG BR CA CH CL CN CO CU CZ DE DK DZ EG ES ET FI FR GB GH GR HR HU ID IE IL IN IQ IR IS IT JM JO JP KE KH KR LB LK LT LU LV MA MG ML MN MX MY NG NL NO NP NZ PE PH PK PL PT RO RS RU SA SE SG SI SK SN TH TN TR TZ UA UG US UY VE VN ZA".split(
    " ",
  );
const LANGUAGES =
  "ar bg bn cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw ta th tr uk ur vi zh".split(
    " ",
  );
const CURRENCIES =
  "AUD BRL CAD CHF CNY CZK DKK EGP EUR GBP HUF INR JPY KRW MXN NOK NZD PLN RUB SEK THB TRY UAH USD ZAR".split(" ");
const UNITS =
  "celsius centimeter day degree gram hour kilogram kilometer liter meter mile minute month percent second week year".split(
    " ",
  );
const TIME_UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"] as const;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(1900, 0, 1);
const DAYS = 73_000;

/** A name alone gives one phrase only, so names come in lists of up to this many. */
const LONGEST_LIST = 4;

/** The same formatter for English and for the other language. */
const both = <T>(locale: string, make: (locale: string) => T): readonly [english: T, other: T] => [
  make("en"),
  make(locale),
];

/** Dates are counted in the Gregorian calendar and written with European digits, so that the two sides correspond. */
const dates =
  (options: Intl.DateTimeFormatOptions) =>
  (locale: string): Drawing => {
    const [english, other] = both(
      locale,
      (tag) =>
        new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC", calendar: "gregory", numberingSystem: "latn" }),
    );
    return (random) => {
      const date = FIRST_DAY + random.integer(DAYS) * DAY_MS;
      return { source: english.format(date), target: other.format(date) };
    };
  };

const lists =
  (type: "region" | "language" | "currency", codes: readonly string[]) =>
  (locale: string): Drawing => {
    const [english, other] = both(locale, (tag) => {
      const names = new Intl.DisplayNames(tag, { type });
      const conjunction = new Intl.ListFormat(tag, { type: "conjunction" });
      const disjunction = new Intl.ListFormat(tag, { type: "disjunction" });
      return (list: readonly string[], or: boolean) =>
        (or ? disjunction : conjunction).format(list.map((code) => names.of(code) ?? code));
    });
    return (random) => {
      const list = random.shuffle(codes).slice(0, 1 + random.integer(LONGEST_LIST));
      const or = random.integer(2) === 0;
      return { source: english(list, or), target: other(list, or) };
    };
  };

const amounts =
  (styles: readonly Intl.NumberFormatOptions[]) =>
  (locale: string): Drawing => {
    const formats = styles.map((style) =>
      both(
        locale,
        (tag) => new Intl.NumberFormat(tag, { ...style, maximumFractionDigits: 0, numberingSystem: "latn" }),
      ),
    );
    return (random) => {
      const amount = 1 + random.integer(random.pick([9, 99, 999]));
      const [english, other] = random.pick(formats);
      return { source: english.format(amount), target: other.format(amount) };
    };
  };

function relativeTimes(locale: string): Drawing {
  const [english, other] = both(locale, (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto", style: "long" }));
  return (random) => {
    const amount = random.integer(401) - 200;
    const unit = random.pick(TIME_UNITS);
    return { source: english.format(amount, unit), target: other.format(amount, unit) };
  };
}

/** What the platform can say in English and in another language, by subject. */
export const intlKinds = {
  dates: dates({ dateStyle: "full" }),
  months: dates({ year: "numeric", month: "long" }),
  regions: lists("region", REGIONS),
  languages: lists("language", LANGUAGES),
  currencies: lists("currency", CURRENCIES),
  money: amounts(CURRENCIES.map((currency) => ({ style: "currency", currency, currencyDisplay: "name" }))),
  units: amounts(UNITS.map((unit) => ({ style: "unit", unit, unitDisplay: "long" }))),
  relativeTimes,
} satisfies Record<string, (locale: string) => Drawing>;
