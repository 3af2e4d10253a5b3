/** Colours and number formats that all plots share. */
import type { PathName } from "../../src/index.js";

/** One colour a model (Okabe & Ito's palette, told apart by colour-blind readers); lighter in dark mode by CSS. */
export const modelColors = {
  domain: ["RNNsearch", "RNNencdec"],
  range: ["var(--rnnsearch)", "var(--rnnencdec)"],
};

export const modelNames = { rnnsearch: "RNNsearch", rnnencdec: "RNNencdec" } as const;

export const pathNames: readonly PathName[] = ["value", "score", "bridge", "recurrence"];

export const pathColors = {
  domain: [...pathNames],
  range: ["var(--value)", "var(--score)", "var(--bridge)", "var(--recurrence)"],
};

/** Negative blue, zero white, positive orange-brown. */
export const diverging = ["#08407e", "#3f83bf", "#a9cce6", "#ffffff", "#f6bd84", "#d9761f", "#813800"];

/** Zero white, one dark. */
export const sequential = ["#ffffff", "#d5d3ea", "#9d94cc", "#66509f", "#35186b"];

/** A number as tooltips and tables show it: six digits. */
export const exact = (value: number): string => String(Number(value.toPrecision(6)));

/** The same in running text: three digits. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

/** Fonts, text colour and background of every plot come from the page. */
export const plotStyle = { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible" };
