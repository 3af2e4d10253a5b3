import { cells, columns } from "../../bench/report/formats.js";
import { type BenchReport, type Result, rates } from "../../bench/report/report.js";

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

/** A candidate without a time: why stands in place of all the numbers. */
function reasonRow({ device, variant, status, reason }: Result): HTMLTableRowElement {
  const element = row("td", [device, variant]);
  const cell = document.createElement("td");
  cell.className = "reason";
  cell.colSpan = columns.length - 2;
  cell.textContent = `${status.toUpperCase()}: ${reason}`;
  cell.title = cell.textContent;
  element.append(cell);
  if (status !== "skipped") element.className = "failure";
  return element;
}

/** Every candidate at one problem, as the terminal shows it; one without a time says why, in words. */
export function resultsTable(results: readonly Result[], ceilings: BenchReport["ceilings"]): HTMLTableElement {
  const table = document.createElement("table");
  table.createTHead().append(row("th", columns));
  const body = table.createTBody();
  for (const result of results) {
    const values = cells(result, results, rates(result, ceilings));
    const element = result.phases ? row("td", values) : reasonRow(result);
    if (values.includes("fastest")) element.className = "fastest";
    body.append(element);
  }
  return table;
}
