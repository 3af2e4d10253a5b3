import type { CurvePoint, ModelSummary, PathName, ReportData, SentenceStudy } from "../../src/index.js";
import { Random } from "../../src/tensor/random.js";

/** Made-up numbers that keep the laws: rows of α sum to 1, rows of ē to 0, the shares of a word to 1. */
export function madeUpReport(): ReportData {
  const random = new Random(7);
  return {
    summary: {
      name: 'demo </script><b id="injected">',
      created: "2025-03-01T12:00:00.000Z",
      corpus: {
        kind: "grammar",
        train: 20000,
        validation: 200,
        test: 400,
        trainMaxLength: 20,
        sourceVocabulary: 231,
        targetVocabulary: 214,
      },
      models: [modelSummary("rnnsearch", 0.97), modelSummary("rnnencdec", 0.52)],
      examples: [
        {
          source: "Tom chased a red hat in the garden .".split(" "),
          target: ["汤姆", "在", "花园", "里", "追", "了", "一", "顶", "红", "帽子", "。"],
          outputs: {
            rnnsearch: ["汤姆", "在", "花园", "里", "追", "了", "一", "顶", "红", "帽子", "。"],
            rnnencdec: ["汤姆", "在", "学校", "里", "追", "了", "一", "只", "红", "猫", "。"],
          },
        },
        {
          source: "Does Jerry read ?".split(" "),
          target: ["杰瑞", "读书", "吗", "？"],
          outputs: { rnnsearch: ["杰瑞", "读书", "吗", "？"], rnnencdec: ["杰瑞", "读书", "？"] },
        },
      ],
    },
    curves: [...curve(random, "rnnsearch", 2.1, 0.05), ...curve(random, "rnnencdec", 1.1, 0.9)],
    studies: [
      study(
        random,
        "rnnsearch",
        "Tom chased a red hat in the garden .",
        [..."汤在花里追了一顶红帽。"],
        [0, 5, 7, 5, 1, 1, 2, 2, 3, 4, 8],
      ),
      study(random, "rnnencdec", "Tom chased a red hat in the garden .", [..."汤在花里追了一顶红帽。"], null),
      study(
        random,
        "rnnsearch",
        "yesterday the tall teacher that Mary saw gave two old books to a small child and the dog slept under the green table near the window .",
        [..."昨天玛丽看见的那个高老师给了一个小孩两本旧书狗睡在窗边的绿桌子下面。"],
        [..."昨天玛丽看见的那个高老师给了一个小孩两本旧书狗睡在窗边的绿桌子下面。"].map((_, t) => t % 26),
      ),
    ],
  };
}

function modelSummary(model: "rnnsearch" | "rnnencdec", level: number): ModelSummary {
  const attends = model === "rnnsearch";
  return {
    model,
    parameters: attends ? 183_412 : 171_060,
    embeddingSize: 64,
    hiddenSize: 64,
    steps: 1200,
    seconds: 51.37,
    device: "cpu",
    threads: 2,
    metrics: {
      loss: attends ? 0.0413 : 0.8871,
      exactMatch: level,
      bleu: 0.3 + 0.7 * level,
      alignmentErrorRate: attends ? 0.1234567 : null,
    },
    byLength: [5, 10, 15, 20, 30, 40].map((to, i, edges) => {
      const exactMatch = level * (attends ? 1 - 0.012 * i * i : 0.8 ** (i * i));
      return {
        from: i === 0 ? 1 : edges[i - 1] + 1,
        to,
        count: 100,
        exactMatch,
        bleu: exactMatch ** 0.5,
        alignmentErrorRate: attends ? 0.08 + 0.02 * i : null,
      };
    }),
  };
}

function curve(random: Random, model: CurvePoint["model"], rate: number, floor: number): CurvePoint[] {
  return Array.from({ length: 60 }, (_, i) => {
    const step = 20 * (i + 1);
    const loss = (5.4 - floor) * Math.exp((-rate * step) / 300) + floor;
    return {
      model,
      step,
      loss: loss * (1 + 0.06 * random.normal()),
      validationLoss: i % 6 === 5 ? loss * 1.04 : null,
      gradientNorm: (0.2 + loss) * Math.exp(0.3 * random.normal()),
    };
  });
}

const norm = (vector: readonly number[]): number => Math.hypot(...vector);
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

function study(
  random: Random,
  model: SentenceStudy["model"],
  text: string,
  words: readonly string[],
  links: readonly number[] | null,
): SentenceStudy {
  const source = text.split(" ");
  const target = [...words, "<eos>"];
  const matrix = (value: (t: number, j: number) => number): number[][] =>
    target.map((_, t) => source.map((_, j) => value(t, j)));
  const alpha = matrix((t, j) => Math.exp((links?.[t] === j ? 4.5 : 0) + 0.8 * random.normal())).map((row) => {
    const sum = row.reduce((a, b) => a + b);
    return row.map((value) => value / sum);
  });
  const alphaBar = matrix(() => 0.3 * random.normal());
  const eBar = alpha.map((row, t) => {
    const mean = dot(row, alphaBar[t]);
    return row.map((weight, j) => weight * (alphaBar[t][j] - mean));
  });
  const sizes: Record<PathName, number> = { value: 1, score: 0.3, bridge: 0.1, recurrence: 0.7 };
  const terms = source.map(() =>
    Object.entries(sizes).map(([path, size]) => {
      const present = model === "rnnsearch" || path === "bridge" || path === "recurrence";
      return Array.from({ length: 3 }, () => (present ? size * (0.5 + random.normal()) : 0));
    }),
  );
  const totals = terms.map((parts) => [0, 1, 2].map((d) => parts.reduce((sum, part) => sum + part[d], 0)));
  const share = (path: number) => source.map((_, j) => dot(terms[j][path], totals[j]) / dot(totals[j], totals[j]));
  const length = (path: number) => source.map((_, j) => norm(terms[j][path]));
  const [value, score, bridge, recurrence] = [0, 1, 2, 3];
  return {
    model,
    source,
    target,
    gold: links?.map((j, t) => [j, t] as const) ?? null,
    ...(model === "rnnsearch" ? { alpha, alphaBar, eBar } : { alpha: null, alphaBar: null, eBar: null }),
    paths: {
      value: share(value),
      score: share(score),
      bridge: share(bridge),
      recurrence: share(recurrence),
      norms: { value: length(value), score: length(score), bridge: length(bridge), recurrence: length(recurrence) },
      total: totals.map(norm),
    },
    influence: matrix((t, j) => alpha[t][j] + 0.05 * random.uniform()),
    stateInfluence: matrix((t, j) => 2 * alpha[t][j] + 0.1 * random.uniform()),
  };
}
