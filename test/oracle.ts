import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type DType, mul, type Shape, sum, Tensor, tensor } from "../src/index.js";

/** A tensor as the oracle files hold it. */
export interface OracleTensor {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** One case computed by PyTorch in float64: see `test/fixtures/oracles/make_fixtures.py`. */
export interface Oracle {
  readonly case: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, OracleTensor>>;
  readonly params: Readonly<Record<string, OracleTensor>>;
  readonly weights: Readonly<Record<string, OracleTensor>>;
  readonly outputs: Readonly<Record<string, OracleTensor>>;
  readonly loss: number;
  readonly grads: Readonly<Record<string, OracleTensor>>;
}

export const readOracle = (name: string): Oracle =>
  JSON.parse(readFileSync(new URL(`fixtures/oracles/${name}.json`, import.meta.url), "utf8")) as Oracle;

const indexNames = new Set(["ids", "target", "src", "tgt"]);

/** An oracle's tensor as ours; `requiresGrad` where the oracle gives a gradient. */
export function fromOracle(oracle: Oracle, name: string, dtype: DType = "float64"): Tensor {
  const { shape, data } = (oracle.inputs[name] ?? oracle.params[name]) as OracleTensor;
  const kind = indexNames.has(name) ? "int32" : name === "mask" ? "bool" : dtype;
  const values =
    kind === "int32" ? Int32Array.from(data) : kind === "bool" ? Uint8Array.from(data) : Float64Array.from(data);
  return tensor(values, { shape, dtype: kind, name, requiresGrad: name in oracle.grads });
}

/** The largest absolute difference of a tensor from the oracle's numbers. */
export function worstError(actual: Tensor, expected: OracleTensor): number {
  expect(actual.shape).toEqual(expected.shape);
  const values = actual.dataSync();
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    const error = Math.abs((values[i] as number) - (expected.data[i] as number));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/** The oracle's loss: every output times its fixed weight, summed. */
export function weightedLoss(oracle: Oracle, outputs: Readonly<Record<string, Tensor>>): Tensor {
  const terms = Object.entries(outputs).map(([name, output]) => {
    const { shape, data } = oracle.weights[name] as OracleTensor;
    const weight = tensor(Float64Array.from(data), { shape, dtype: output.dtype, device: output.device });
    return sum(mul(output, weight));
  });
  return terms.reduce((total, term) => total.add(term));
}

/**
 * Compares outputs, loss and every gradient with the oracle.
 * @returns the worst absolute error
 */
export function compareWithOracle(
  oracle: Oracle,
  outputs: Readonly<Record<string, Tensor>>,
  leaves: Readonly<Record<string, Tensor>>,
): number {
  weightedLoss(oracle, outputs).backward();
  const errors = Object.entries(outputs).map(([name, output]) =>
    worstError(output, oracle.outputs[name] as OracleTensor),
  );
  for (const [name, expected] of Object.entries(oracle.grads)) {
    const leaf = leaves[name];
    expect(leaf, `${oracle.case}: no leaf for ${name}`).toBeInstanceOf(Tensor);
    errors.push(leaf?.grad ? worstError(leaf.grad, expected) : Math.max(0, ...expected.data.map(Math.abs)));
  }
  return Math.max(...errors);
}
