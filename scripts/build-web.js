/**
 * Builds the pages, each into one file that needs nothing else: the report, `dist/web/report.html`, the live study,
 * `dist/web/study.html`, the benchmark's results, `dist/web/bench.html`, and the kernel lab, `dist/web/lab.html`; and the
 * plots for Node, `dist/web/svg.js`. A file that is newer than everything it is made of stays as it is.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Each page with the folders that it is made of. */
const pages = {
  report: ["web/report", "web/page", "web/plots"],
  study: ["web/study", "web/page", "web/plots", "src"],
  bench: ["web/bench", "web/page", "web/plots", "bench"],
  lab: ["web/lab", "web/bench", "web/page", "web/plots", "bench", "src"],
};

const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const filesUnder = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Whether a file is older than what it is made of. */
const isOld = (output, folders) => {
  const sources = [
    ...folders.flatMap((folder) => filesUnder(join(root, folder))),
    ...["scripts/build-web.js", "package-lock.json"].map((file) => join(root, file)),
  ];
  return Math.max(...sources.map(changed)) > changed(output);
};

for (const [name, folders] of Object.entries(pages)) {
  const output = join(root, `dist/web/${name}.html`);
  if (isOld(output, folders)) await buildPage(name, output);
}
const drawing = join(root, "dist/web/svg.js");
if (isOld(drawing, ["web/svg", "web/page", "web/plots", "bench"])) await buildDrawing(drawing);

/** The plots for Node, with all that they need inside: neither Observable Plot nor a DOM has to be installed. */
async function buildDrawing(output) {
  const { build } = await import("vite");
  const { output: files } = await build({
    root,
    configFile: false,
    logLevel: "warn",
    ssr: { noExternal: true, target: "webworker" },
    build: {
      write: false,
      ssr: join(root, "web/svg/main.ts"),
      target: "node20",
      minify: true,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [script] = files;
  if (files.length !== 1) throw new Error(`the plots must come to one script: got ${files.map((f) => f.fileName)}`);
  replaceFile(output, script.code);
}

async function buildPage(name, output) {
  const [{ build }, { default: katex }, { kernelText }] = await Promise.all([
    import("vite"),
    import("katex"),
    import("./kernel-text.js"),
  ]);

  /** TeX between \( and \) becomes MathML, which browsers draw themselves: no script, no fonts. */
  const formulas = (html) =>
    html.replace(/\\\((.+?)\\\)/gs, (_, tex) =>
      katex.renderToString(tex.replaceAll("&lt;", "<").trim(), { output: "mathml", strict: "error" }),
    );
  /** Parts that pages share, from web/, and what stands for `{{name}}` in them: `<!-- include page/head.html title="Backflow" -->`. */
  const included = (html) =>
    html.replace(/<!-- include (\S+)(.*?) -->/g, (_, file, given) => {
      const values = new Map([...given.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
      return readFileSync(join(root, "web", file), "utf8").replace(/\{\{(\w+)\}\}/g, (_, key) => values.get(key));
    });
  const { output: files } = await build({
    root: join(root, "web", name),
    configFile: false,
    logLevel: "warn",
    plugins: [
      { name: "formulas", transformIndexHtml: { order: "pre", handler: (html) => formulas(included(html)) } },
      kernelText(),
    ],
    resolve: {
      alias: [
        { find: /^backflow$/, replacement: join(root, "src/index.ts") },
        { find: /^backflow\/kernels$/, replacement: join(root, "src/kernels/index.ts") },
      ],
    },
    worker: {
      format: "iife",
      plugins: () => [kernelText()],
      rolldownOptions: { output: { codeSplitting: false } },
    },
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      cssCodeSplit: false,
      chunkSizeWarningLimit: 4000,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const page = files.find((file) => file.fileName === "index.html");
  const script = files.find((file) => file.type === "chunk" && file.isEntry);
  const style = files.find((file) => file.fileName.endsWith(".css"));
  if (!page || !script || !style || files.length !== 3) {
    throw new Error(`a page must come to one page, one script, one style: got ${files.map((f) => f.fileName)}`);
  }
  // Functions, so that "$&" in the code stays itself.
  const html = page.source
    .replace(/<script type="module"[^>]*><\/script>\s*/, "")
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>\n${style.source}</style>`)
    .replace(
      "</body>",
      () => `<script type="module">\n${script.code.replaceAll("</script", "<\\/script")}</script>\n</body>`,
    );
  if (/<(script|link|img)[^>]* (src|href)="(?!data:)/.test(html))
    throw new Error("the page still points to other files");
  replaceFile(output, html);
}

/** Two builds at once do not meet in one half-written file. */
function replaceFile(output, text) {
  mkdirSync(dirname(output), { recursive: true });
  const part = `${output}.${process.pid}.part`;
  writeFileSync(part, text);
  renameSync(part, output);
}
