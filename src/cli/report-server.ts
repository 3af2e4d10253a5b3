import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import sirv from "sirv";
import { DataError } from "../errors.js";
import { REPORT_FILE } from "./conclude-run.js";
import { STUDY_FILE } from "./study-page.js";

const HOST = "127.0.0.1";
/** So many ports in a row are tried. */
const ATTEMPTS = 20;

/** Where the report and the kernel lab are found beside the study page, which is at "/". */
export const REPORT_PATH = `/${REPORT_FILE}`;
export const LAB_PATH = "/kernel-lab";

export interface ReportServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves a run's folder on 127.0.0.1: the study page first, the report at {@link REPORT_PATH}, the kernel lab at
 * {@link LAB_PATH}.
 * @param folder null where there is no run: then the kernel lab alone is served
 * @param port the first port to try; where it is taken, the next free one is used
 * @throws DataError where the folder has no pages
 */
export async function serveReport(folder: string | null, port: number): Promise<ReportServer> {
  for (const file of [STUDY_FILE, REPORT_FILE]) {
    if (folder !== null && !existsSync(join(folder, file))) {
      throw new DataError(
        `${join(folder, file)}: there is no such page yet: run \`backflow evaluate ${folder}\` first`,
      );
    }
  }
  const files = folder === null ? null : sirv(folder, { dev: true });
  const server = createServer((request, response) => {
    const [path] = (request.url ?? "").split("?");
    if (path === LAB_PATH) {
      sendLab(response);
      return;
    }
    if (files === null) {
      if (path === "/") response.writeHead(302, { Location: LAB_PATH }).end();
      else response.writeHead(404).end("Not found");
      return;
    }
    if (path === "/") request.url = `/${STUDY_FILE}`;
    files(request, response, () => {
      response.statusCode = 404;
      response.end("Not found");
    });
  });
  const bound = await listenFrom(server, port);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${HOST}:${bound}/`, port: bound, close };
}

/** The kernel lab, with the headers that shared memory needs: without them WebAssembly has one thread in a page. */
async function sendLab(response: ServerResponse): Promise<void> {
  const page = await readFile(new URL("../web/lab.html", import.meta.url)).catch(() => null);
  if (page === null) {
    response.statusCode = 404;
    response.end("The kernel lab is not built: npm run build:web");
    return;
  }
  response.writeHead(200, {
    "Content-Type": "text/html; charset=utf-8",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  });
  response.end(page);
}

async function listenFrom(server: Server, first: number): Promise<number> {
  for (let port = first; port < first + ATTEMPTS && port < 65536; port++) {
    if (await listen(server, port)) return port;
  }
  throw new DataError(`serve: port ${first} is taken, and so are those after it: choose another --port`);
}

/** Whether the port was free. */
function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off("listening", onListening);
      if (error.code === "EADDRINUSE") resolve(false);
      else if (error.code === "EACCES")
        reject(new DataError(`serve: no permission to use port ${port}: take one from 1024 on`));
      else reject(error);
    };
    const onListening = (): void => {
      server.off("error", onError);
      resolve(true);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen(port, HOST);
  });
}
