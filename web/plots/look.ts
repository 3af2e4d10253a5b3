import type { Look } from "./picture.js";

export const schemes = ["light", "dark"] as const;
export type Scheme = (typeof schemes)[number];

/** The colours and the font of the page's own style sheet, where no page is to be asked. */
export function styleLook(style: string, scheme: Scheme): Look {
  // `:root` comes first with all variables, and once more, in dark, with the colours that differ.
  const [light, dark] = [...style.matchAll(/:root \{([^}]*)\}/g)].map(([, declarations]) => declarations);
  const text = scheme === "light" ? light : light + dark;
  const variables = new Map(
    [...text.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value.replace(/\s+/g, " ")] as const),
  );
  const variable = (name: string): string => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`the style sheet has no ${name}`);
    return value.startsWith("var(") ? variable(value.slice(4, -1)) : value;
  };
  return {
    color: variable("--ink"),
    background: variable("--panel"),
    fontFamily: variable("--font"),
    variable,
  };
}
