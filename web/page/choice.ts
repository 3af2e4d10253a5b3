/** A row of options of which one is chosen: radio buttons, so that arrow keys work. */
export function choice<T extends string>(
  host: Element,
  legend: string,
  options: readonly (readonly [value: T, label: string])[],
  choose: (value: T) => void,
  chosen: T | undefined = options[0]?.[0],
): void {
  const fieldset = document.createElement("fieldset");
  fieldset.className = "choice";
  const caption = document.createElement("legend");
  caption.textContent = legend;
  fieldset.append(caption);
  options.forEach(([value, text]) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "radio";
    input.name = legend;
    input.value = value;
    input.checked = value === chosen;
    input.addEventListener("change", () => choose(value));
    label.append(input, text);
    fieldset.append(label);
  });
  host.replaceChildren(fieldset);
}

/** A drop-down list. `choose` gets the index of the option that the reader chose. */
export function dropDown(
  host: Element,
  legend: string,
  options: readonly string[],
  choose: (index: number) => void,
): HTMLSelectElement {
  const label = document.createElement("label");
  label.className = "drop-down";
  const select = document.createElement("select");
  for (const text of options) select.append(new Option(text));
  select.addEventListener("change", () => choose(select.selectedIndex));
  label.append(legend, select);
  host.replaceChildren(label);
  return select;
}
