import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import sirv from "sirv";
import { DataError } from "../errors.js";
import { REPORT_FILE } from "./conclude-run.js";

const HOST = "127.0.0.1";
/** So many ports in a row are tried. */
const ATTEMPTS = 20;

/** Where the kernel lab is found beside a report. */
export const LAB_PATH = "/kernel-lab";

export interface ReportServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves a run's folder on 127.0.0.1, its report first, and the kernel lab at {@link LAB_PATH}.
 * @param port the first port to try; where it is taken, the next free one is used
 * @throws DataError where the folder has no report
 */
export async function serveReport(folder: string, port: number): Promise<ReportServer> {
  if (!existsSync(join(folder, REPORT_FILE))) {
    throw new DataError(
      `${join(folder, REPORT_FILE)}: there is no report yet: run \`backflow evaluate ${folder}\` first`,
    );
  }
  const files = sirv(folder, { dev: true });
  const server = createServer((request, response) => {
    if (request.url === LAB_PATH) {
      sendLab(response);
      return;
    }
    if (request.url === "/") request.url = `/${REPORT_FILE}`;
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
