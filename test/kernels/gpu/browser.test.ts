import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.js";
import { chromiumMissing, openChromium, serve } from "./chromium.js";
import { claims } from "./report.js";
import type { SuiteResult } from "./suite.js";

const missing = chromiumMissing();

describe.skipIf(missing !== null)("the GPU back end in Chromium, from a minified production build", () => {
  let browser: Browser;
  let folder: string;
  let server: { url: string; close: () => void };
  beforeAll(async () => {
    [browser, folder] = await Promise.all([openChromium(), bundle("test/kernels/gpu/suite.ts", "browser")]);
    writeFileSync(
      join(folder, "index.html"),
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./suite.mjs"></script>',
    );
    server = await serve(folder);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  for (const mode of ["webgl2", "webgpu"] as const) {
    describe(`mode ${mode}`, () => {
      let result: SuiteResult;
      const complaints: string[] = [];
      beforeAll(async () => {
        const page = await browser.newPage();
        page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(String(error)));
        await page.goto(server.url);
        await page.waitForFunction("typeof runSuite === 'function'");
        result = (await page.evaluate(`runSuite(${JSON.stringify(mode)})`)) as SuiteResult;
        await page.close();
      }, 400_000);
      claims(mode, () => result);
      it("has nothing to complain about on the page", () => {
        expect(complaints).toEqual([]);
      });
    });
  }
});
