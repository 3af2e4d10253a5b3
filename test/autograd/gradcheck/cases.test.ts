import { describe, expect, test } from "vitest";
import { type Cases, cases, Draw, operationNames } from "../../../src/autograd/gradcheck/cases/index.js";
import { gradgradcheck } from "../../../src/autograd/gradcheck/gradcheck.js";
import { showReport } from "../../../src/autograd/gradcheck/report.js";
import type { OperationName } from "../../../src/autograd/operations/index.js";
import { enableGrad, graph } from "../../../src/index.js";

describe.each(operationNames)("%s: gradient and second gradient are the slopes in float64", (name) => {
  test.each(cases[name].map(({ title }, i) => [title, i] as const))("%s", (_, i) => {
    const { inputs, fn } = cases[name][i];
    const report = gradgradcheck(fn, inputs(new Draw("float64", "cpu", i)));
    expect(showReport(report)).toMatch(/^gradcheck passed/);
    expect(report.kinks).toEqual([]);
  });

  test("every case runs the operation it is for", () => {
    for (const [i, { title, inputs, fn }] of cases[name].entries()) {
      const leaves = inputs(new Draw("float64", "cpu", i)).map((x) => {
        if (x.dtype === "float64") x.requiresGrad = true;
        return x;
      });
      const operations = graph(enableGrad(() => fn(...leaves))).vertices.map(({ operation }) => operation);
      expect(operations, title).toContain(name);
    }
  });
});

test("a table that lacks an operation does not compile", () => {
  const { tanh, ...others } = cases;
  // @ts-expect-error tanh is missing
  const table: Record<OperationName, Cases> = others;
  expect(Object.keys(table)).toHaveLength(operationNames.length - 1);
  expect(tanh.length).toBeGreaterThan(0);
});
