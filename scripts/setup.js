// Makes a checkout ready to run: installs what package-lock.json names where it is not installed, and builds what is
// older than its sources. Runs before `npm start` and `npm test`; does nothing, quickly, when all is in place.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...parts) => join(root, ...parts);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or newer is needed, this is ${process.versions.node}`);

if (!isInstalled()) {
  console.log("setup: installing from package-lock.json (once)");
  runNpm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}
runNode("scripts/build-wasm.js");
if (!isLibraryCurrent()) {
  console.log("setup: building the library");
  runNode("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
  runNode("scripts/build-lib.js");
  writeFileSync(at("dist/.built"), "");
}
runNode("scripts/build-web.js");

/** Whether node_modules holds what the lock file names, version for version. */
function isInstalled() {
  const installed = at("node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const { packages: present } = JSON.parse(readFileSync(installed, "utf8"));
  const { packages: wanted } = JSON.parse(readFileSync(at("package-lock.json"), "utf8"));
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === "") return true;
    // Optional packages are made for other platforms.
    if (!present[path]) return Boolean(optional || devOptional);
    return present[path].version === version;
  });
}

function isLibraryCurrent() {
  const built = changed(at("dist/.built"));
  const sources = [
    at("package.json"),
    at("tsconfig.json"),
    at("tsconfig.build.json"),
    at("scripts/build-lib.js"),
    at("scripts/kernel-text.js"),
    ...filesUnder(at("src")),
  ];
  return sources.every((file) => changed(file) <= built);
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function changed(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function runNpm(args) {
  // npm says where it is; a shell finds it otherwise (on Windows it is a script).
  const npm = process.env.npm_execpath;
  if (npm) run(process.execPath, [npm, ...args]);
  else run("npm", args, { shell: true });
}

function runNode(script, ...args) {
  run(process.execPath, [at(script), ...args]);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) fail(`${command} cannot be started: ${error.message}`);
  if (status !== 0) fail(`\`${[command, ...args].join(" ")}\` failed; its messages are above`);
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
