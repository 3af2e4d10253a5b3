import { describe, expect, it } from "vitest";
import { isSoftware } from "../../src/cli/open-device.js";

describe("a device", () => {
  it("is software where a GPU's work is done by the CPU, whatever stands for the card", () => {
    expect(isSoftware({ device: "gpu", mode: "webasm", adapter: "this CPU" })).toBe(true);
    expect(isSoftware({ device: "gpu", mode: "webgpu", adapter: "google swiftshader SwiftShader driver" })).toBe(true);
    expect(isSoftware({ device: "gpu", mode: "webgl2", adapter: "llvmpipe (LLVM 15.0.6, 256 bits)" })).toBe(true);
  });
  it("is none where a card works, or where the CPU is meant", () => {
    expect(isSoftware({ device: "gpu", mode: "webgpu", adapter: "nvidia hopper" })).toBe(false);
    expect(isSoftware({ device: "cpu", mode: "wasm", adapter: "this CPU" })).toBe(false);
  });
});
