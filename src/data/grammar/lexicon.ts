/** A noun with the classifier that counts it: `three hats` is 三 顶 帽子. */
export interface Noun {
  readonly singular: string;
  readonly plural: string;
  readonly chinese: string;
  readonly classifier: string;
  readonly kind: NounKind;
}

/** Who can act (persons and animals) and what is acted upon. A relative clause says `who` of a person, else `which`. */
export type NounKind = "person" | "animal" | "thing";

/** A verb in its three English forms; Chinese has one. */
export interface Verb {
  readonly base: string;
  readonly third: string;
  readonly past: string;
  readonly chinese: string;
}

export interface Adjective {
  readonly english: string;
  readonly chinese: string;
}

/** A place or a time, with the English preposition before it. */
export interface Setting {
  readonly preposition: string;
  readonly article: boolean;
  readonly english: string;
  readonly chinese: string;
}

const rows = (table: string): string[][] =>
  table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));

const nouns = (kind: NounKind, table: string): Noun[] =>
  rows(table).map(([singular, plural, chinese, classifier]) => ({ singular, plural, chinese, classifier, kind }));

const verbs = (table: string): Verb[] =>
  rows(table).map(([base, third, past, chinese]) => ({ base, third, past, chinese }));

const adjectives = (table: string): Adjective[] => rows(table).map(([english, chinese]) => ({ english, chinese }));

const settings = (table: string): Setting[] =>
  rows(table).map(([preposition, article, english, chinese]) => ({
    preposition,
    article: article === "the",
    english,
    chinese,
  }));

export const names: readonly { english: string; chinese: string }[] = adjectives(`
  Tom    汤姆
  Jerry  杰瑞
  Mary   玛丽
  Peter  彼得
  Anna   安娜
  John   约翰
  Lucy   露西
  David  大卫
  Alice  爱丽丝
  Paul   保罗`);

export const persons = nouns(
  "person",
  `
  teacher  teachers  老师  位
  doctor   doctors   医生  位
  student  students  学生  名
  soldier  soldiers  士兵  名
  farmer   farmers   农民  个
  girl     girls     女孩  个
  child    children  孩子  个`,
);

export const animals = nouns(
  "animal",
  `
  cat      cats      猫    只
  mouse    mice      老鼠  只
  bird     birds     鸟    只
  rabbit   rabbits   兔子  只
  dog      dogs      狗    条
  horse    horses    马    匹
  cow      cows      牛    头`,
);

export const things = nouns(
  "thing",
  `
  book     books     书      本
  letter   letters   信      封
  map      maps      地图    张
  table    tables    桌子    张
  hat      hats      帽子    顶
  shirt    shirts    衬衫    件
  coat     coats     大衣    件
  knife    knives    刀      把
  chair    chairs    椅子    把
  bicycle  bicycles  自行车  辆
  car      cars      汽车    辆
  box      boxes     箱子    个`,
);

/** Said of persons and animals, before the noun or after `is`. */
export const livelyAdjectives = adjectives(`
  clever   聪明
  happy    高兴
  hungry   饿
  tired    累
  lazy     懒
  strong   强壮`);

/** Said of things, before the noun or after `is`. */
export const thingAdjectives = adjectives(`
  new        新
  cheap      便宜
  expensive  贵
  clean      干净
  dirty      脏
  heavy      重`);

/** Said of everything, but only before the noun: `is red` would need 是 … 的. */
export const colours = adjectives(`
  red    红色
  white  白色
  black  黑色`);

/** Verbs whose object is a person or an animal. */
export const livelyVerbs = verbs(`
  chase   chases   chased   追逐
  help    helps    helped   帮助
  follow  follows  followed 跟随
  meet    meets    met      遇见
  see     sees     saw      看见
  visit   visits   visited  拜访
  thank   thanks   thanked  感谢
  push    pushes   pushed   推`);

/** Verbs whose object is a thing. */
export const thingVerbs = verbs(`
  buy     buys     bought   买
  sell    sells    sold     卖
  wash    washes   washed   洗
  hide    hides    hid      藏
  steal   steals   stole    偷
  lose    loses    lost     丢
  carry   carries  carried  搬
  break   breaks   broke    弄坏`);

export const intransitiveVerbs = verbs(`
  sleep   sleeps   slept    睡觉
  sing    sings    sang     唱歌
  dance   dances   danced   跳舞
  swim    swims    swam     游泳
  laugh   laughs   laughed  笑
  cry     cries    cried    哭`);

export const places = settings(`
  in      the  kitchen  厨房
  in      the  garden   花园
  in      the  park     公园
  near    the  school   学校
  near    the  river    河
  behind  the  house    房子
  behind  the  tree     树
  at      the  station  车站
  at      the  market   市场`);

/** The word that closes a Chinese place phrase: in the garden is 在 花园 里. `at` has none: 在 车站. */
export const postpositions: Readonly<Record<string, string>> = { in: "里", near: "附近", behind: "后面" };

export const times = settings(`
  on  -    Monday     星期一
  on  -    Friday     星期五
  on  -    Sunday     星期日
  in  the  morning    早上
  in  the  evening    晚上
  in  -    summer     夏天
  in  -    winter     冬天
  at  -    noon       中午
  at  -    night      夜里`);

/** Followed in Chinese by the noun's classifier. `the` is not here: Chinese has no word for it. */
export const determiners = {
  singular: [
    ["a", "一"],
    ["this", "这"],
    ["that", "那"],
  ],
  plural: [
    ["two", "两"],
    ["three", "三"],
  ],
} as const;
