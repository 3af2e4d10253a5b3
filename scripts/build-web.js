/**
 * Builds the pages, each into one file that needs nothing else: the report, `dist/web/report.html`, the live study,
 * `dist/web/study.html`, the benchmark's results, `dist/web/bench.html`, and the kernel lab, `dist/web/lab.html`. A page
 * that is newer than everything it is made of stays as it is.
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

for (const [name, folders] of Object.entries(pages)) {
  const output = join(root, `dist/web/${name}.html`);
  const sources = [
    ...folders.flatMap((folder) => filesUnder(join(root, folder))),
    ...["scripts/build-web.js", "package-lock.json"].map((file) => join(root, file)),
  ];
  if (Math.max(...sources.map(changed)) > changed(output)) await buildPage(name, output);
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
  /** Parts that pages share: `<!-- include bench/results.html -->`, from web/. */
  const included = (html) =>
    html.replace(/<!-- include (\S+) -->/g, (_, file) => readFileSync(join(root, "web", file), "utf8"));
  /** In the page the model runs on the CPU: gpu.js, larger than all the rest, stays out. */
  const withoutGpu = {
    name: "without-gpu",
    load: (id) =>
      id.endsWith("/src/kernels/gpu/backend.ts")
        ? 'export const gpuBackend = () => { throw new Error("this page has no GPU back end"); };'
        : null,
  };

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
    worker: { format: "iife", plugins: () => [withoutGpu] },
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
  mkdirSync(dirname(output), { recursive: true });
  // Two builds at once do not meet in one half-written file.
  const part = `${output}.${process.pid}.part`;
  writeFileSync(part, html);
  renameSync(part, output);
}
