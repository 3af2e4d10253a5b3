import { DataError } from "backflow";
import { type BrowserPeerName, browserPeerNames } from "../engines/browser-peers.js";
import { beginsWith } from "../engines/peers.js";
import type { Options } from "../options.js";
import { chosen } from "../problems/chosen.js";
import { loadOwnKernel, ownKernelForPage } from "../problems/own-kernel-file.js";
import { commit, machine, versions } from "../report/machine.js";
import type { BenchReport } from "../report/report.js";
import type { Measuring, MeasuringEvents } from "../runner/measuring.js";
import { measureInChromium } from "./chromium.js";
import type { LabOptions } from "./lab.js";

function browserPeers(asked: Options["peers"]): BrowserPeerName[] {
  if (asked === undefined) return [];
  if (asked === true) return [...browserPeerNames];
  const stranger = asked.find((one) => !browserPeerNames.some((name) => beginsWith(name, one)));
  if (stranger !== undefined) {
    throw new DataError(`no peer "${stranger}" in a browser: there are ${browserPeerNames.join(", ")}`);
  }
  return browserPeerNames.filter((name) => asked.some((one) => beginsWith(name, one)));
}

/** What the page is asked for. */
export async function labOptions(names: readonly string[], options: Options): Promise<LabOptions> {
  const { suiteNames, walk, files } = chosen(names);
  if (walk) throw new DataError('"walk" compiles its steps in Node: leave --browser away');
  const kernels: NonNullable<LabOptions["kernels"]>[number][] = [];
  for (const file of files) {
    // Here first: what is wrong with it is told better than by a page.
    await loadOwnKernel(file);
    kernels.push({ file, code: await ownKernelForPage(file) });
  }
  const { sizes = null, peers } = options;
  return { ...options, suites: suiteNames, kernels, sizes, peers: browserPeers(peers) };
}

/** Measures in a page of headless Chromium; the report says on which machine. */
export function measureInBrowser(lab: LabOptions, softwareGpu: boolean, events: MeasuringEvents): Measuring {
  const placed = (found: BenchReport): BenchReport => ({
    ...found,
    commit: commit(),
    machine: machine(),
    versions: { ...versions(), ...found.versions },
  });
  const measuring = measureInChromium(lab, softwareGpu, {
    ...events,
    onReady: (found) => events.onReady(placed(found)),
  });
  return { ...measuring, report: measuring.report.then(placed) };
}
