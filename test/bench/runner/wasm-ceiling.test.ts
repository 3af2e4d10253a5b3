import { expect, it } from "vitest";
import { torchBuild } from "../../../bench/engines/torch.js";
import { streamRate } from "../../../bench/runner/wasm-ceiling.js";

it("a stream in WebAssembly has a rate, whatever its size", async () => {
  for (const bytes of [1, 1 << 16, 3 << 20]) expect(await streamRate(bytes)).toBeGreaterThan(0);
});

const build = torchBuild();

it.skipIf(build === null)("PyTorch says which BLAS it multiplies with (skipped where there is no PyTorch)", () => {
  expect(build?.version).toMatch(/^\d+\./);
  expect(build?.blas).not.toBe("");
});
