import { InvalidArgumentError } from "commander";

/** Reads a number of an option, or says what is wrong with it. */
export const numberFrom =
  (least: number, whole: boolean) =>
  (text: string): number => {
    const value = Number(text);
    if (text === "" || !(value >= least) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(`"${text}" is no ${whole ? "whole " : ""}number from ${least} on.`);
    }
    return value;
  };
