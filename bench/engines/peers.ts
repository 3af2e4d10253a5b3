import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "backflow";
import type { MissingDevice } from "../runner/devices.js";
import { Peer, type PeerCommand, peersFolder } from "./peer-process.js";
import { python } from "./torch.js";

const script = (name: string, packageName: string, ...rest: string[]): PeerCommand => ({
  command: process.execPath,
  arguments: [join(peersFolder, name), ...rest],
  package: packageName,
});
const torch = (threads: number, environment: Readonly<Record<string, string>>): PeerCommand => ({
  command: python,
  arguments: [join(peersFolder, "torch/kernels.py"), String(threads)],
  package: null,
  environment,
});
const oneBlasThread = { OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** Every peer, as its own users would run it; "×1" on one core where that can be chosen. */
const commands = {
  "PyTorch ×1": torch(1, { OMP_NUM_THREADS: "1", ...oneBlasThread }),
  PyTorch: torch(0, {}),
  "onnxruntime ×1": script("onnxruntime/node.js", "onnxruntime-node", "1"),
  onnxruntime: script("onnxruntime/node.js", "onnxruntime-node", "0"),
  "tfjs wasm": script("tfjs/node.js", "@tensorflow/tfjs-backend-wasm", "wasm"),
  "tfjs cpu": script("tfjs/node.js", "@tensorflow/tfjs", "cpu"),
  "jax-js wasm": script("jax-js/node.js", "@jax-js/jax"),
  "js-pytorch": script("js-pytorch.js", "js-pytorch"),
} as const satisfies Record<string, PeerCommand>;

/**
 * What a training step is measured beside. PyTorch and its OpenBLAS each have threads, and which setting is the fastest
 * depends on the size: two of both fight.
 */
const stepCommands = {
  "PyTorch, one core": commands["PyTorch ×1"],
  "PyTorch, one thread, OpenBLAS its own": torch(1, {}),
  "PyTorch, two threads, OpenBLAS one": torch(2, oneBlasThread),
  "tfjs wasm": commands["tfjs wasm"],
  "tfjs cpu": commands["tfjs cpu"],
  "jax-js wasm": commands["jax-js wasm"],
} as const satisfies Record<string, PeerCommand>;

/** Whether a peer is meant by the beginning of its name. */
export const beginsWith = (name: string, wanted: string): boolean => {
  const asked = wanted.toLowerCase();
  return name.toLowerCase().startsWith(asked === "torch" ? "pytorch" : asked);
};

/** A training step of the largest size takes the slowest of them minutes: milliseconds. */
const STEP_PATIENCE = 600_000;

/** The peers whose names begin with one of those given; a {@link DataError} names one that is none. */
function namesIn(table: Readonly<Record<string, PeerCommand>>, wanted: readonly string[]): string[] {
  const names = Object.keys(table);
  const stranger = wanted.find((one) => !names.some((name) => beginsWith(name, one)));
  if (stranger !== undefined) throw new DataError(`no peer "${stranger}": there are ${names.join("; ")}`);
  return names.filter((name) => wanted.some((one) => beginsWith(name, one)));
}

/** Starts the peers whose names begin with one of those given, and lists those that are not installed. */
function open(
  table: Readonly<Record<string, PeerCommand>>,
  wanted: readonly string[],
  patience?: number,
): { peers: Peer[]; missing: MissingDevice[] } {
  const names = namesIn(table, wanted);
  const peers: Peer[] = [];
  const missing: MissingDevice[] = [];
  for (const [name, command] of Object.entries(table)) {
    if (!names.includes(name)) continue;
    if (command.package !== null && !existsSync(join(peersFolder, "node_modules", command.package))) {
      missing.push({ name, reason: `${command.package} is not installed: npm ci --prefix bench/peers` });
    } else peers.push(new Peer(name, command, patience));
  }
  return { peers, missing };
}

export const peerNames = Object.keys(commands);
export const peersNamed = (wanted: readonly string[]) => namesIn(commands, wanted);
export const openPeers = (wanted: readonly string[]) => open(commands, wanted);
export const openStepPeers = (wanted: readonly string[]) => open(stepCommands, wanted, STEP_PATIENCE);
