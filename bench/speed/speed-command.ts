import { Command } from "commander";

/** A command of this folder: its name stands before what is wrong with its options, and it prints its table in three ways. */
export const speedCommand = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option("--json", "the numbers as JSON")
    .option("--markdown", "the table as docs/speed.md has it")
    .configureOutput({ outputError: (text, write) => write(`${name}: ${text.replace(/^error: /, "")}`) });

/** The ways to print. */
export interface Printing {
  readonly json?: true;
  readonly markdown?: true;
}
