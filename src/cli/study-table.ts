import Table from "cli-table3";
import stringWidth from "string-width";
import { pathNames, type SentenceStudy } from "../study/sentence-study.js";

const SHADES = ["··", "░░", "▒▒", "▓▓", "██"];

/** A study as text for a terminal: the attention, where each source word's gradient comes from, and who hangs on whom. */
export function formatStudy(study: SentenceStudy): string {
  const parts = [study.alpha && attention(study, study.alpha), paths(study), influences(study)];
  const text = parts.filter((part) => part !== null).join("\n\n");
  return text.replace(/ +$/gm, "");
}

const padEnd = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - stringWidth(text)));

function attention({ source, target, gold }: SentenceStudy, alpha: readonly (readonly number[])[]): string {
  const width = Math.max(...target.map((word) => stringWidth(word)));
  const linked = new Set(gold?.map(([j, t]) => `${t} ${j}`));
  const rows = alpha.map((row, t) => {
    const cells = row.map((weight, j) => {
      const shade = SHADES[Math.min(SHADES.length - 1, Math.floor(weight * SHADES.length))];
      return shade + (linked.has(`${t} ${j}`) ? "*" : " ");
    });
    return `${padEnd(target[t], width)}  ${cells.join("")}`;
  });
  const columns = source.map((_, j) => String(j + 1).padEnd(3)).join("");
  const note = `columns: the source words by number; darker: more${linked.size > 0 ? "; *: a gold link" : ""}`;
  return [`Attention α (${note})`, `${" ".repeat(width)}  ${columns}`, ...rows].join("\n");
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function plainTable(head: readonly string[]): Table.Table {
  const line = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const edges = { top: "", "top-mid": "", "top-left": "", "top-right": "" };
  const ends = { bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" };
  return new Table({
    head: [...head],
    chars: { ...line, ...edges, ...ends, left: "", right: "", middle: "  " },
    colAligns: head.map((_, column) => (column === 1 ? "left" : "right")),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
}

function paths({ source, paths: split }: SentenceStudy): string {
  const table = plainTable(["", "source", "‖h̄‖", ...pathNames]);
  source.forEach((word, j) => {
    table.push([
      String(j + 1),
      word,
      split.total[j].toPrecision(3),
      ...pathNames.map((path) => percent(split[path][j])),
    ]);
  });
  return `Where each source word's gradient comes from (shares of h̄; they sum to 100 %)\n${table.toString()}`;
}

/** How many source words are named for a target word. */
const NAMED = 3;

function influences({ source, target, influence }: SentenceStudy): string {
  const table = plainTable(["", "target", `strongest source words, K = ‖∂ logit / ∂x‖`]);
  target.forEach((word, t) => {
    const strongest = influence[t].map((value, j) => ({ value, j })).sort((a, b) => b.value - a.value);
    const named = strongest.slice(0, NAMED).map(({ value, j }) => `${source[j]} ${value.toPrecision(3)}`);
    table.push([String(t + 1), word, { content: named.join("   "), hAlign: "left" }]);
  });
  return `On which source word each target word hangs\n${table.toString()}`;
}
