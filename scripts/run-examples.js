// Runs every example in turn; the first that fails ends the run.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("../dist/scripts/examples/", import.meta.url);
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith(".js"))
  .sort()) {
  console.log(`\n— examples/${file.replace(/\.js$/, ".ts")}`);
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(file, folder))], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
