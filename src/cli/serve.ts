import { existsSync } from "node:fs";
import { Command } from "commander";
import pc from "picocolors";
import { wholeNumber } from "./option-values.js";
import { LAB_PATH, REPORT_PATH, serveReport } from "./report-server.js";
import { existingRun } from "./run-folder.js";

export const DEFAULT_PORT = 4747;
const DEMO_RUN = "runs/demo";

export function serveCommand(): Command {
  return new Command("serve")
    .description("serve the live study of a run on 127.0.0.1, its report and the kernel lab beside it, until Ctrl-C")
    .argument("[run]", `the run's folder; where none is named ${DEMO_RUN}, and without it the kernel lab alone`)
    .option("--port <number>", "the first port to try", wholeNumber(1), DEFAULT_PORT)
    .addHelpText("after", "\nExample:\n  $ backflow serve runs/demo --port 8080")
    .action((run: string | undefined, { port }: { port: number }) => {
      if (run === undefined && !existsSync(DEMO_RUN)) return serveLabUntilInterrupted(port);
      return serveUntilInterrupted(existingRun(run ?? DEMO_RUN).place, port);
    });
}

/** Without any run: the kernel lab alone. */
async function serveLabUntilInterrupted(port: number): Promise<void> {
  const server = await serveReport(null, port);
  if (server.port !== port) console.log(`Port ${port} is taken, so it is ${server.port}.`);
  console.log(`There is no ${DEMO_RUN} (\`npm start\` makes it), so there is no study and no report.`);
  console.log(`Kernel lab: ${pc.cyan(new URL(LAB_PATH, server.url).href)}  (Ctrl-C ends)`);
}

/** Serves and says where; ends with Ctrl-C, as any program does. */
export async function serveUntilInterrupted(folder: string, port: number): Promise<void> {
  const server = await serveReport(folder, port);
  if (server.port !== port) console.log(`Port ${port} is taken, so it is ${server.port}.`);
  console.log(`The study:  ${pc.cyan(server.url)}  (Ctrl-C ends)`);
  console.log(`The report: ${pc.cyan(new URL(REPORT_PATH, server.url).href)}`);
  console.log(`Kernel lab: ${pc.cyan(new URL(LAB_PATH, server.url).href)}`);
}
