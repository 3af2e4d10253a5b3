interface Cells {
  /** What a screen reader says of a cell. */
  readonly label: (index: number) => string;
  /** Called when a cell is clicked, or Enter or the space bar is pressed on it. */
  readonly open?: (index: number) => void;
}

/**
 * Makes a heatmap's cells reachable without a pointer: Tab comes to one of them, the arrow keys go on from there, and the
 * tooltip follows.
 * @param columns cells in a row
 */
export function reachable(drawing: Element, columns: number, { label, open }: Cells): void {
  const rects = [...drawing.querySelectorAll<SVGRectElement>('[aria-label="cell"] rect')];
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  let current = 0;
  const make = (index: number, focus = false): void => {
    const before = rects[current];
    current = index;
    rects[current].setAttribute("tabindex", "0");
    rects[current].setAttribute("role", open ? "button" : "img");
    rects[current].setAttribute("aria-label", label(index));
    // The focus goes on first: an element that loses its place in the order of Tab loses the focus too.
    if (focus) rects[current].focus();
    if (before !== rects[current]) before.removeAttribute("tabindex");
  };
  const move = (key: string): void => {
    const next = current + moves[key];
    const leavesRow = Math.abs(moves[key]) === 1 && Math.floor(next / columns) !== Math.floor(current / columns);
    if (leavesRow || next < 0 || next >= rects.length) return;
    make(next, true);
  };
  if (rects.length === 0) return;
  make(0);
  drawing.addEventListener("keydown", (event) => {
    const { key } = event as KeyboardEvent;
    if (key in moves) move(key);
    else if (open && (key === "Enter" || key === " ")) open(current);
    else return;
    event.preventDefault();
  });
  // The tooltip listens to the pointer only, so the pointer seems to be where the keys are.
  drawing.addEventListener("focusin", () => {
    if (!rects[current].matches(":focus-visible")) return;
    const { left, top, width, height } = rects[current].getBoundingClientRect();
    const place = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true };
    rects[current].dispatchEvent(new PointerEvent("pointermove", place));
  });
  drawing.addEventListener("focusout", () => {
    rects[current].ownerSVGElement?.dispatchEvent(new PointerEvent("pointerleave"));
  });
  if (!open) return;
  drawing.classList.add("cells");
  // The tooltip pins itself over the cell while the button is down, so the cell is looked for beneath it.
  drawing.addEventListener("click", (event) => {
    const { clientX, clientY } = event as MouseEvent;
    const beneath = document.elementsFromPoint(clientX, clientY);
    const index = rects.findIndex((rect) => beneath.includes(rect));
    if (index < 0) return;
    make(index);
    open(index);
  });
}
