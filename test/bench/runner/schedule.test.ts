import { describe, expect, it } from "vitest";
import { timeFor } from "../../../bench/runner/schedule.js";

describe("the time of a problem", () => {
  it("where all plan more than there is, is its part of it, three quarters before the first round", () => {
    expect(timeFor(100, 300, 1000, 1200)).toEqual({ until: 1050, latest: 1037.5 });
  });

  it("where there is more than all plan, has half of the rest in it", () => {
    expect(timeFor(100, 300, 0, 2000)).toEqual({ until: 850, latest: 637.5 });
  });

  it("of the last is all that is left, and nothing once the end has passed", () => {
    expect(timeFor(100, 0, 0, 2000).until).toBe(2000);
    expect(timeFor(100, 0, 2100, 2000)).toEqual({ until: 2100, latest: 2100 });
  });

  it("without an end has none", () => {
    expect(timeFor(100, 300, 0, Number.POSITIVE_INFINITY).until).toBe(Number.POSITIVE_INFINITY);
  });
});
