import { Command } from "commander";
import pc from "picocolors";
import { wholeNumber } from "./option-values.js";
import { LAB_PATH, serveReport } from "./report-server.js";
import { existingRun } from "./run-folder.js";

export const DEFAULT_PORT = 4747;

export function serveCommand(): Command {
  return new Command("serve")
    .description("serve a run's report on 127.0.0.1, until Ctrl-C")
    .argument("<run>", "the run's folder")
    .option("--port <number>", "the first port to try", wholeNumber(1), DEFAULT_PORT)
    .addHelpText("after", "\nExample:\n  $ backflow serve runs/demo --port 8080")
    .action((run: string, options: { port: number }) => serveUntilInterrupted(existingRun(run).place, options.port));
}

/** Serves and says where; ends with Ctrl-C, as any program does. */
export async function serveUntilInterrupted(folder: string, port: number): Promise<void> {
  const server = await serveReport(folder, port);
  if (server.port !== port) console.log(`Port ${port} is taken, so it is ${server.port}.`);
  console.log(`The report: ${pc.cyan(server.url)}  (Ctrl-C ends)`);
  console.log(`Kernel lab: ${pc.cyan(new URL(LAB_PATH, server.url).href)}`);
}
