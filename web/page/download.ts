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

/** Saves a plot as it looks now: the page's colours, which are variables here, are written out. */
export function saveSvg(name: string, svg: SVGSVGElement): void {
  const style = getComputedStyle(svg);
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.color = style.color;
  copy.style.fontFamily = style.fontFamily;
  copy.style.background = style.getPropertyValue("--panel");
  const text = new XMLSerializer().serializeToString(copy);
  save(
    `${name}.svg`,
    "image/svg+xml",
    text.replace(/var\((--[\w-]+)\)/g, (_, variable) => style.getPropertyValue(variable)),
  );
}
