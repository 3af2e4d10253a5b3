import { describe, expect, test } from "vitest";
import { detectAnomaly, enableGrad, GraphError, noGrad, type Tensor, tensor, within } from "../../src/index.js";

const leaf = (...data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });

describe("noGrad", () => {
  test("records nothing, enableGrad inside records again", () => {
    const x = leaf(1);
    const [outside, inside] = noGrad(() => [x.mul(2), enableGrad(() => x.mul(2))]);
    expect([outside.requiresGrad, inside.requiresGrad]).toEqual([false, true]);
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  test("ends with the function, also by an error", () => {
    const x = leaf(1);
    expect(() =>
      noGrad(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(x.mul(2).requiresGrad).toBe(true);
  });
});

describe("detach", () => {
  test("cuts the path and shares the numbers", () => {
    const x = leaf(3);
    x.mul(x.detach()).sum().backward();
    expect(x.grad?.arraySync()).toEqual([3]);
    expect(x.detach().storage).toBe(x.storage);
  });
});

describe("detectAnomaly", () => {
  test("names the operation and the place where the first NaN was born, forward", () => {
    const x = tensor([-1], { dtype: "float64", requiresGrad: true, name: "x" });
    const run = (): unknown =>
      detectAnomaly(() => within("decoder", () => within("step 3", () => x.add(0.5).log().mul(2))));
    expect(run).toThrow(GraphError);
    expect(run).toThrow(/NaN was born in log\(\[1\] float64\) → \[1\] float64, at decoder \/ step 3/);
  });

  test("names the operation and the place of an infinity that is born on the way back", () => {
    const x = leaf(0);
    const loss = within("encoder", () => x.sqrt()).sum();
    expect(() => detectAnomaly(() => loss.backward())).toThrow(/Infinity was born in backward of sqrt.*at encoder/);
  });

  test("blames the first operation only: what comes in not finite goes out so", () => {
    const x = leaf(Number.NaN);
    expect(detectAnomaly(() => x.mul(2)).requiresGrad).toBe(true);
  });
});
