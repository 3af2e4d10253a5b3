function row(cells: readonly (string | Node)[], cell: "th" | "td"): HTMLTableRowElement {
  const element = document.createElement("tr");
  cells.forEach((content, index) => {
    const box = document.createElement(index === 0 ? "th" : cell);
    box.append(content);
    element.append(box);
  });
  return element;
}

/** Words and numbers in columns, under their names. */
export function table(columns: readonly string[], rows: readonly (readonly (string | Node)[])[]): HTMLTableElement {
  const element = document.createElement("table");
  element.createTHead().append(row(columns, "th"));
  element.createTBody().append(...rows.map((cells) => row(cells, "td")));
  return element;
}
