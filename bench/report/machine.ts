import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, platform, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository: the nearest folder above with a package.json, from the sources and from where they are compiled to. */
export const root = packageFolder(dirname(fileURLToPath(import.meta.url)));

function packageFolder(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : packageFolder(dirname(folder));
}

const git = (...args: string[]): string | null => {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
};

/** The commit of the sources, "-dirty" where they differ from it. */
export function commit(): string {
  const hash = git("rev-parse", "--short=12", "HEAD");
  if (hash === null) return "unknown";
  return git("status", "--porcelain", "--", "src", "bench") === "" ? hash : `${hash}-dirty`;
}

export function machine(): Record<string, string | number> {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
  };
}

const require = createRequire(import.meta.url);

/** The version of an installed package, from the package.json above its entry. */
function versionOf(name: string): string {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const parsed: { name?: string; version?: string } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
      );
      if (parsed.name === name && parsed.version !== undefined) return parsed.version;
    } catch {}
  }
  return "unknown";
}

export const versions = (): Record<string, string> => ({
  backflow: versionOf("backflow"),
  node: process.versions.node,
  v8: process.versions.v8,
  "gpu.js": versionOf("gpu.js"),
});
