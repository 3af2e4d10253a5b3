import { picture } from "../plots/picture.js";

/** Rows of named numbers and words. */
export type Table = readonly Readonly<Record<string, string | number | null>>[];

function save(name: string, type: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** RFC 4180: a field with a comma, a quote or a line break stands in quotes. */
export function csvOf(table: Table): string {
  const field = (value: string | number | null): string => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const columns = Object.keys(table[0] ?? {});
  const lines = [columns, ...table.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

export const saveCsv = (name: string, table: Table): void => save(`${name}.csv`, "text/csv", csvOf(table));

/** Saves a drawing as it looks now: the page's colours, which are variables here, are written out. */
export function saveSvg(name: string, title: string, drawing: Element): void {
  const style = getComputedStyle(drawing);
  const look = {
    color: style.color,
    background: style.getPropertyValue("--panel"),
    fontFamily: style.fontFamily,
    variable: (variable: string) => style.getPropertyValue(variable),
  };
  const serializer = new XMLSerializer();
  save(
    `${name}.svg`,
    "image/svg+xml",
    picture(drawing, title, look, (element) => serializer.serializeToString(element)),
  );
}
