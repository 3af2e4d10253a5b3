import { cells, columns } from "../../bench/formats.js";
import { type BenchReport, type Result, rates } from "../../bench/report.js";

function row(tag: "th" | "td", values: readonly string[]): HTMLTableRowElement {
  const element = document.createElement("tr");
  element.append(
    ...values.map((value) => {
      const cell = document.createElement(tag);
      cell.textContent = value;
      return cell;
    }),
  );
  return element;
}

/** Every candidate at one problem, as the terminal shows it; one without a time says why, in words. */
export function resultsTable(results: readonly Result[], ceilings: BenchReport["ceilings"]): HTMLTableElement {
  const table = document.createElement("table");
  table.createTHead().append(row("th", columns));
  const body = table.createTBody();
  for (const result of results) {
    const element = row("td", cells(result, results, rates(result, ceilings)));
    if (result.status === "wrong" || result.status === "failed") element.className = "failure";
    body.append(element);
  }
  return table;
}
