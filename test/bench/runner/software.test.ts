import { describe, expect, it } from "vitest";
import { isSoftware, softwareNotes, sparing } from "../../../bench/runner/software.js";
import { tanhProblem } from "../../../bench/suites/tanh.js";

const problem = (flops: number) => ({ ...tanhProblem("forward", [4], 1), work: { flops, bytes: 1 } });

describe("a GPU that is none", () => {
  it.each([
    ["google swiftshader SwiftShader driver 5.0.0", true],
    ["ANGLE (Mesa, llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5)", true],
    ["this CPU", true],
    ["nvidia hopper NVIDIA H200", false],
    ["ANGLE (Apple, Apple M2, OpenGL 4.1)", false],
  ])("is known by what its driver calls itself: %s", (adapter, software) => {
    expect(isSoftware({ kind: "gpu", adapter })).toBe(software);
    expect(isSoftware({ kind: "wasm", adapter })).toBe(false);
  });

  it("is spared large problems, with the reason and the way out, and no other device is", () => {
    const forecast = sparing(new Set(["gpu cpu"]), () => null);
    expect(forecast(problem(268e6), "gpu cpu", "default")).toBe(
      "268 million operations, and this GPU is none: it gets 100 at most unless --sizes asks for more",
    );
    expect(forecast(problem(99e6), "gpu cpu", "default")).toBeNull();
    expect(forecast(problem(268e6), "wasm ×1", "default")).toBeNull();
  });

  it("is named in the report, with what it is spared", () => {
    expect(softwareNotes(new Set(), false)).toEqual([]);
    expect(softwareNotes(new Set(["gpu cpu", "gpu webasm"]), false)[0]).toMatch(
      /^gpu cpu, gpu webasm: no GPU, .*100 mil/,
    );
    expect(softwareNotes(new Set(["gpu cpu"]), true)[0]).not.toContain("million");
  });
});
