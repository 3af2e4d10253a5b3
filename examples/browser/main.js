// A page without a build step: Backflow on the best GPU mode that this browser has, or in WebAssembly.
import { grad, loadDevice, memory, noGrad, Random, randn, scope, tensor } from "backflow";

const say = (name, text) => {
  document.getElementById(name).textContent = text;
};

/** Learns y = sin 3x on [−1, 1] with two layers and plain gradient descent. */
async function learn(device, steps) {
  const random = new Random(1);
  const options = { device, random, requiresGrad: true };
  const weights = [randn([1, 32], options), randn([32], options), randn([32, 1], options)];
  const points = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1);
  const x = tensor(points, { shape: [64, 1], device });
  const y = tensor(
    points.map((value) => Math.sin(3 * value)),
    { shape: [64, 1], device },
  );
  const [w1, b1, w2] = weights;
  let loss = Number.NaN;
  for (let step = 0; step <= steps; step++) {
    const value = scope(() => {
      const error = x.matmul(w1).add(b1).tanh().matmul(w2).sub(y);
      const mean = error.mul(error).mean();
      const gradients = grad(mean, weights);
      noGrad(() => {
        for (const [i, weight] of weights.entries()) weight.assign(weight.sub(gradients[i].mul(0.05)));
      });
      return mean.detach();
    });
    // Only now and then: reading waits for the device.
    if (step % 50 === 0) {
      loss = await value.item();
      say("loss", `step ${step}: mean squared error ${loss.toFixed(5)}`);
    }
    value.dispose();
  }
  return loss;
}

const device = await loadDevice("gpu");
say("device", `${device.mode} on ${device.adapter}`);
const loss = await learn("gpu", 400);
const onCpu = await learn("cpu", 400);
say("loss", `mean squared error after 400 steps: ${loss.toFixed(5)}; the same on the CPU: ${onCpu.toFixed(5)}`);
say("memory", `${memory().bytes} bytes in ${memory().storages} tensors are alive`);
document.body.dataset.done = String(Math.abs(loss - onCpu) < 1e-3);
