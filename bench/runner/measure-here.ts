import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataError, DeviceError } from "backflow";
import type { Options } from "../options.js";
import type { BenchReport } from "../report/report.js";
import type { Measuring, MeasuringEvents } from "./measuring.js";
import type { News, Order } from "./measuring-process.js";

/** Measures on this machine, in a process of its own that the peers belong to. */
export function measureHere(
  names: readonly string[],
  options: Options,
  { onProgress, onReady, onProblem }: MeasuringEvents,
): Measuring {
  // What it and its peers leave behind is removed here, as they may be killed.
  const scratch = mkdtempSync(join(tmpdir(), "backflow-bench-"));
  const child = fork(fileURLToPath(new URL("./measuring-process.js", import.meta.url)), {
    // A group of its own: Ctrl-C is for the command, which ends all of it.
    detached: true,
    // Errors have no limits in JSON, and no kind.
    serialization: "advanced",
    env: { ...process.env, TMPDIR: scratch },
  });
  const tell = (order: Order): void => void (child.connected && child.send(order));
  const report = new Promise<BenchReport>((resolve, reject) => {
    child.on("message", (news: News) => {
      if ("progress" in news) onProgress(news.progress);
      else if ("ready" in news) onReady(news.ready);
      else if ("results" in news) onProblem(news.results);
      else if ("report" in news) resolve(news.report);
      else reject(news.known ? new DataError(news.error.message) : news.error);
    });
    child.on("error", reject);
    child.on("exit", (code, by) => {
      reject(new DeviceError(`the process that measures ended ${by ? `by ${by}` : `with code ${code}`}`));
    });
  });
  tell({ names, options });
  return {
    report,
    stop: () => tell("stop"),
    kill: () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // All of the group has ended.
      }
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
