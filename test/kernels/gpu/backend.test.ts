import { beforeAll, describe } from "vitest";
import { claims } from "./report.js";
import { runSuite, type SuiteResult } from "./suite.js";

for (const mode of ["webasm", "cpu"] as const) {
  describe(`the GPU back end in gpu.js's mode ${mode}`, () => {
    let result: SuiteResult;
    beforeAll(async () => {
      result = await runSuite(mode);
    }, 120_000);
    claims(mode, () => result);
  });
}
