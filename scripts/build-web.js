/** Builds the report page into one file, `dist/web/report.html`, unless it is newer than everything it is made of. */
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const output = join(root, "dist/web/report.html");

const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const filesUnder = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const sources = [
  ...["web/report", "web/plots", "src/study"].flatMap((folder) => filesUnder(join(root, folder))),
  ...["scripts/build-web.js", "package-lock.json"].map((file) => join(root, file)),
];

if (Math.max(...sources.map(changed)) > changed(output)) await buildReport();

async function buildReport() {
  const [{ build }, { default: katex }] = await Promise.all([import("vite"), import("katex")]);

  /** TeX between \( and \) becomes MathML, which browsers draw themselves: no script, no fonts. */
  const formulas = (html) =>
    html.replace(/\\\((.+?)\\\)/gs, (_, tex) =>
      katex.renderToString(tex.replaceAll("&lt;", "<").trim(), { output: "mathml", strict: "error" }),
    );

  const { output: files } = await build({
    root: join(root, "web/report"),
    configFile: false,
    logLevel: "warn",
    plugins: [{ name: "formulas", transformIndexHtml: { order: "pre", handler: formulas } }],
    build: { write: false, target: "es2022", modulePreload: false, cssCodeSplit: false, chunkSizeWarningLimit: 1000 },
  });
  const page = files.find((file) => file.fileName === "index.html");
  const script = files.find((file) => file.type === "chunk" && file.isEntry);
  const style = files.find((file) => file.fileName.endsWith(".css"));
  if (!page || !script || !style || files.length !== 3) {
    throw new Error(`the report must come to one page, one script, one style: got ${files.map((f) => f.fileName)}`);
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
    throw new Error("the report still points to other files");
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(`${output}.part`, html);
  renameSync(`${output}.part`, output);
}
