import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe } from "vitest";
import { bundle } from "./bundle.js";
import { claims } from "./report.js";
import type { SuiteResult } from "./suite.js";

/** Where Chromium keeps SwiftShader, which answers as a Vulkan driver; a machine with a driver of its own needs none. */
const swiftShader = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/opt/google/chrome/vk_swiftshader_icd.json"].find(
  (path) => existsSync(path),
);
const environment = swiftShader
  ? {
      ...process.env,
      VK_DRIVER_FILES: swiftShader,
      VK_ICD_FILENAMES: swiftShader,
      LD_LIBRARY_PATH: [dirname(swiftShader), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
    }
  : process.env;
if (!swiftShader && process.env.CI) throw new Error("CI must test WebGPU in Node, but finds no SwiftShader");
if (!swiftShader) console.log("skipped: WebGPU in Node by software, because there is no Chromium with a SwiftShader");

// A process of its own: the Vulkan loader reads its environment when it starts.
describe.skipIf(!swiftShader)("the GPU back end in mode webgpu, in Node", () => {
  let folder: string;
  let result: SuiteResult;
  beforeAll(async () => {
    folder = await bundle("test/kernels/gpu/suite.ts", "node");
    const script = `import(${JSON.stringify(join(folder, "suite.mjs"))}).then(async ({ runSuite }) => {
      process.stdout.write(JSON.stringify(await runSuite("webgpu"), (_, value) => (value === Infinity ? 1e9 : value)));
    })`;
    const run = promisify(execFile)(process.execPath, ["-e", script], {
      env: environment,
      maxBuffer: 2 ** 26,
      timeout: 170_000,
    });
    result = JSON.parse((await run).stdout);
  }, 180_000);
  afterAll(() => folder && rmSync(folder, { recursive: true }));
  claims("webgpu", () => result);
});
