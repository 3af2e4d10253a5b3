import { existsSync } from "node:fs";
import { Command } from "commander";
import pc from "picocolors";
import { notEmpty, port as parsePort } from "./option-values.js";
import { LAB_PATH, REPORT_PATH, serveReport } from "./report-server.js";
import { DEMO_RUN, existingRun } from "./run-folder.js";

export const DEFAULT_PORT = 4747;

export function serveCommand(): Command {
  return new Command("serve")
    .description("serve the live study of a run on 127.0.0.1, its report and the kernel lab beside it, until Ctrl-C")
    .argument(
      "[run]",
      `the run's folder; where none is named ${DEMO_RUN}, and without it the kernel lab alone`,
      notEmpty,
    )
    .option("--port <number>", "the first port to try", parsePort, DEFAULT_PORT)
    .addHelpText("after", `\nExample:\n  $ backflow serve ${DEMO_RUN} --port 8080`)
    .action((run: string | undefined, { port }: { port: number }) => {
      const nothing = run === undefined && !existsSync(DEMO_RUN);
      return serveUntilInterrupted(nothing ? null : existingRun(run ?? DEMO_RUN).place, port);
    });
}

/** Serves a run, or where it is null the kernel lab alone, and says where; ends with Ctrl-C, as any program does. */
export async function serveUntilInterrupted(folder: string | null, port: number): Promise<void> {
  const server = await serveReport(folder, port);
  if (server.port !== port) console.log(`Port ${port} is taken, so it is ${server.port}.`);
  const at = (path: string): string => pc.cyan(new URL(path, server.url).href);
  if (folder === null) {
    console.log(`There is no ${DEMO_RUN} (\`npm start\` makes it), so there is no study and no report.`);
    console.log(`Kernel lab: ${at(LAB_PATH)}  (Ctrl-C ends)`);
    return;
  }
  console.log(`The study:  ${at("/")}  (Ctrl-C ends)`);
  console.log(`The report: ${at(REPORT_PATH)}`);
  console.log(`Kernel lab: ${at(LAB_PATH)}`);
}
