// Somebody else's gradients under Backflow's check: TensorFlow.js differentiates softplus twice, but not tanh, nor any other
// function whose gradient comes from its saved output (exp, sigmoid, softmax, elu).
import { createRequire } from "node:module";
import { foreign, gradcheck, showReport, tensor } from "backflow";

/** What is used of TensorFlow.js; it comes with the benchmark's peers and is never a dependency of Backflow. */
interface Tensorflow {
  tensor1d(values: Float32Array): unknown;
  softplus(x: unknown): unknown;
  tanh(x: unknown): unknown;
  sum(x: unknown): unknown;
  mul(x: unknown, y: unknown): unknown;
  grad(fn: (x: unknown) => unknown): (x: unknown) => unknown;
}

function loadTensorflow(): Tensorflow | null {
  try {
    return createRequire(`${process.cwd()}/bench/peers/package.json`)("@tensorflow/tfjs");
  } catch {
    return null;
  }
}

type Differentiable = (x: unknown) => unknown;

/** A function of TensorFlow.js with TensorFlow.js's own gradient. */
function underCheck(tf: Tensorflow, name: string, fn: Differentiable) {
  const upload = (numbers: Float64Array): unknown => tf.tensor1d(Float32Array.from(numbers));
  const read = (x: unknown): Float32Array => (x as { dataSync(): Float32Array }).dataSync();
  return foreign({
    name,
    forward: ([x]) => read(fn(upload(x))),
    backward: ([x], u) => [read(tf.grad((t) => tf.sum(tf.mul(fn(t), upload(u))))(upload(x)))],
  });
}

const tf = loadTensorflow();
if (tf) {
  const x = tensor([-1.5, -0.4, 0.3, 2], { dtype: "float64", name: "x" });
  // It computes in float32, so the step is longer and the tolerance wider.
  const coarse = { eps: 1e-2, atol: 1e-3, rtol: 1e-3 };
  for (const name of ["softplus", "tanh"] as const) {
    const slope: Differentiable = tf.grad((t) => tf.sum(tf[name](t)));
    console.log(`tf.${name}: ${showReport(gradcheck(underCheck(tf, name, tf[name]), [x], coarse))}`);
    try {
      console.log(`its slope: ${showReport(gradcheck(underCheck(tf, `slope of ${name}`, slope), [x], coarse))}`);
    } catch (error) {
      console.log(`its slope has no gradient: ${error instanceof Error ? error.message.split(". ", 1)[0] : error}`);
    }
  }
} else console.log("TensorFlow.js is not here: npm install --prefix bench/peers");
