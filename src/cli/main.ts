import { Command } from "commander";
import pc from "picocolors";
import { DataError, DeviceError, DTypeError, GraphError, ShapeError } from "../errors.js";
import { demoCommand } from "./demo.js";
import { devicesCommand } from "./devices.js";
import { evaluateCommand } from "./evaluate.js";
import { gradcheckCommand } from "./gradcheck.js";
import { Interrupted } from "./interruption.js";
import { reportCommand } from "./report.js";
import { serveCommand } from "./serve.js";
import { studyCommand } from "./study.js";
import { trainCommand } from "./train.js";
import { translateCommand } from "./translate.js";
import { version } from "./version.js";

const INTERRUPTED = 130;

/** The whole command line, `backflow …`. */
export function program(): Command {
  const backflow = new Command("backflow")
    .description("Trains translators with and without attention, and shows where their gradients go.")
    .version(version(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .option("--verbose", "where something fails, print the whole stack")
    .configureOutput({ outputError: (text, write) => write(`backflow: ${oneLine(text)}\n`) });
  const commands = [
    demoCommand(),
    trainCommand(),
    evaluateCommand(),
    translateCommand(),
    studyCommand(),
    reportCommand(),
    serveCommand(),
    gradcheckCommand(),
    devicesCommand(),
  ];
  for (const command of commands) {
    command.copyInheritedSettings(backflow).helpOption("-h, --help", "print this help");
    backflow.addCommand(command);
  }
  return backflow;
}

/** Commander's messages end in a line break and may have a second line with a suggestion. */
const oneLine = (text: string): string =>
  text
    .replace(/^error: /, "")
    .trim()
    .replace(/\s*\n\s*/g, " ");

/** Runs the command line. Whatever goes wrong ends in one line and a status of 1; Ctrl-C in 130. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`backflow study … | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const backflow = program();
  try {
    await backflow.parseAsync(argv);
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error(`backflow: ${error.message}`);
      process.exit(INTERRUPTED);
    }
    report(error, Boolean(backflow.opts().verbose));
    process.exit(1);
  }
}

const ours = [DataError, DeviceError, DTypeError, GraphError, ShapeError];

function report(error: unknown, verbose: boolean): void {
  const known = ours.some((kind) => error instanceof kind);
  const message = error instanceof Error ? error.message : String(error);
  const line = known ? message : `internal error: ${message} (run it again with --verbose and report the stack)`;
  console.error(`${pc.red("backflow:")} ${line.replace(/\s*\n\s*/g, " ")}`);
  if (verbose && error instanceof Error) console.error(error.stack);
}
