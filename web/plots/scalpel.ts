import * as Plot from "@observablehq/plot";
import type { AttentionStudy } from "../../src/index.js";
import { plot } from "./plot.js";
import { exact } from "./theme.js";
import { leaningHeight, wordAxis } from "./words.js";

const colors = { domain: ["before", "after", "difference"], range: ["var(--quiet)", "var(--value)", "var(--score)"] };

/** ‖h̄_j‖ of each source word before and after a cut, and the difference. */
export function beforeAfter(before: AttentionStudy, after: AttentionStudy, width: number): Element {
  const { source } = before;
  const points = source.flatMap((_, j) => {
    const [was, is] = [before.paths.total[j], after.paths.total[j]];
    return [
      { j, what: "before", norm: was },
      { j, what: "after", norm: is },
      { j, what: "difference", norm: is - was },
    ];
  });
  return plot({
    width: Math.max(Math.min(width, 80 + source.length * 90), 60 + source.length * 34),
    height: 300,
    marginLeft: 48,
    marginBottom: leaningHeight(source),
    fx: { ...wordAxis(source), axis: "bottom", padding: 0.15 },
    x: { axis: null, domain: colors.domain },
    y: { label: "‖h̄‖ (nats per unit of h)", grid: true, nice: true },
    color: { ...colors, legend: true },
    marks: [
      Plot.barY(points, {
        fx: "j",
        x: "what",
        y: "norm",
        fill: "what",
        title: (d) => `${source[d.j]}, ${d.what}\n${exact(d.norm)}`,
        tip: true,
      }),
      Plot.ruleY([0]),
    ],
  });
}
