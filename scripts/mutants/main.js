/**
 * Mutation proof of the gradient checks: breaks every derivative of the library in the ways people really break them, one at
 * a time, and runs the checks of the operations concerned on each. Survivors are listed by name; status 1 if there is one
 * that is not known to change nothing. Usage: node scripts/mutants/main.js [--only NAME] [--json]
 */
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import vm from "node:vm";
import { build, parseAst } from "vite";
import { equivalent } from "./equivalent.js";
import { mutationsOf } from "./mutations.js";
import { targetsOf } from "./targets.js";

const TIMEOUT = 60_000;
const { values: flags } = parseArgs({ options: { only: { type: "string" }, json: { type: "boolean" } } });

/** The checks and the library as one script. */
async function bundle() {
  const { output } = await build({
    configFile: false,
    logLevel: "error",
    build: {
      ssr: "test/mutants/suite.ts",
      write: false,
      minify: false,
      rollupOptions: { output: { format: "cjs" } },
    },
    ssr: { noExternal: true },
  });
  return output[0].code;
}

const require = createRequire(import.meta.url);

/** Runs a bundle in this process; nothing of it stays behind. */
function load(code) {
  const suite = {};
  vm.compileFunction(code, ["exports", "require"])(suite, require);
  return suite;
}

/** What the checks say of a mutant: the first failure, or null. A mutant that crashes or hangs is caught too. */
function verdict(run) {
  globalThis.mutantRun = run;
  try {
    return new vm.Script("mutantRun()").runInThisContext({ timeout: TIMEOUT });
  } catch (error) {
    return `${error?.name ?? "error"}: ${String(error?.message ?? error).split("\n", 1)[0]}`;
  } finally {
    globalThis.mutantRun = undefined;
  }
}

/** The checks of the operations concerned, all of them for the engine. */
const check = (suite, operations) => suite.firstFailure(operations ?? suite.operationNames);

const squeeze = (code) => code.replace(/\s+/g, " ");

/** The code that an edit replaces, with what stands beside it on its line. */
function around(code, { start, end }) {
  const lineStart = code.lastIndexOf("\n", start) + 1;
  const lineEnd = code.indexOf("\n", end);
  return [
    code.slice(lineStart, start).trimStart(),
    squeeze(code.slice(start, end)),
    code.slice(end, lineEnd).trimEnd(),
  ];
}

function* textMutants(code) {
  const seen = new Map();
  for (const { name, nodes, operations } of targetsOf(parseAst(code))) {
    for (const edit of nodes.flatMap((node) => mutationsOf(node, code))) {
      const [before, from, after] = around(code, edit);
      const line = `${name}: ${before}⟦${from} → ${squeeze(edit.text)}⟧${after}`;
      const count = (seen.get(line) ?? 0) + 1;
      seen.set(line, count);
      // Lines that read alike are told apart: what is known of one says nothing of the next.
      const title = count === 1 ? line : `${line} (${count})`;
      yield {
        title,
        known: equivalent.find((one) => one.mutant === title),
        run: () => check(load(code.slice(0, edit.start) + edit.text + code.slice(edit.end)), operations),
      };
    }
  }
}

function* plantedMutants(code) {
  const suite = load(code);
  for (const name of suite.operationNames) {
    for (const { title, plant } of suite.plantedMutants(name)) {
      yield {
        title,
        known: equivalent.find((one) => one.mutant === title),
        run: () => {
          const remove = plant();
          try {
            return check(suite, [name]);
          } finally {
            remove();
          }
        },
      };
    }
  }
}

const code = await bundle();
const healthy = verdict(() => check(load(code), null));
if (healthy !== null) {
  console.error(`the checks fail without any mutant: ${healthy}`);
  process.exit(1);
}
const started = Date.now();
const survivors = [];
const needless = [];
const unseen = new Set(equivalent.filter(({ mutant }) => !flags.only || mutant.includes(flags.only)));
let [made, caught, excused] = [0, 0, 0];
for (const kind of [textMutants, plantedMutants]) {
  for (const { title, known, run } of kind(code)) {
    if (flags.only && !title.includes(flags.only)) continue;
    made++;
    unseen.delete(known);
    const found = verdict(run);
    if (found !== null) {
      caught++;
      if (known) needless.push(title);
    } else if (known) excused++;
    else survivors.push(title);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${made} made, ${survivors.length} survive`);
  }
}
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
const seconds = (Date.now() - started) / 1000;
if (flags.json) console.log(JSON.stringify({ made, caught, equivalent: excused, survivors, seconds }, null, 2));
else {
  for (const title of survivors) console.log(`survives: ${title}`);
  for (const title of needless) console.log(`listed as equivalent, but caught: ${title}`);
  for (const { mutant } of unseen) console.log(`listed as equivalent, but there is no such mutant: ${mutant}`);
  console.log(
    `${made} mutants: ${caught} caught, ${excused} change no gradient (scripts/mutants/equivalent.js says why), ${survivors.length} survive; ${seconds.toFixed(0)} s`,
  );
}
process.exitCode = survivors.length + needless.length + unseen.size > 0 ? 1 : 0;
