/** Draws the pictures of docs/gradient-check.md from the built library: `node scripts/gradcheck-pictures.js`. */
import { writeFileSync } from "node:fs";
import {
  AdditiveAttention,
  defineOp,
  describeSweep,
  epsSweep,
  LSTM,
  plotSweep,
  Random,
  randn,
  sweepSvg,
} from "../dist/index.js";

const images = new URL("../docs/images/", import.meta.url);
const random = new Random(7);
const normal = (dtype, ...shape) => randn(shape, { dtype, random });

/** tanh with a gradient 0.05 % too large. */
const wrong = defineOp("wrongTanh", {
  takes: ["float"],
  shape: ([x]) => x.shape,
  forward: (kernels, [x]) => kernels.map("tanh", x),
  backward: ({ output: y }, gy) => [gy.sub(gy.mul(y).mul(y)).mul(1.0005)],
});

function draw(file, title, subject, inputs, options) {
  const sweep = epsSweep(subject, inputs, options);
  writeFileSync(new URL(`eps-sweep-${file}.svg`, images), `${sweepSvg(sweep, title)}\n`);
  console.log(`${title}: ${describeSweep(sweep)}`);
  return sweep;
}

const tanh = draw("tanh", "tanh, float64", (x) => x.tanh(), [normal("float64", 3, 4)]);
draw("tanh-float32", "tanh, float32", (x) => x.tanh(), [normal("float32", 3, 4)]);
draw("tanh-wrong", "tanh, 0.05 % too large, float64", (x) => wrong([x], {}), [normal("float64", 3, 4)]);
draw("tanh-wrong-float32", "tanh, 0.05 % too large, float32", (x) => wrong([x], {}), [normal("float32", 3, 4)]);
draw("lstm", "LSTM over 4 steps, float64", new LSTM(3, 4, { dtype: "float64", random }), [normal("float64", 2, 4, 3)]);
const attention = new AdditiveAttention({ querySize: 3, valueSize: 4, attentionSize: 5 }, { dtype: "float64", random });
draw(
  "additive-attention",
  "additive attention, float64",
  (query, values) => attention.forward(query, attention.memory(values)).context,
  [normal("float64", 2, 3, 3), normal("float64", 2, 6, 4)],
  { module: attention },
);
console.log(`\n${plotSweep(tanh)}`);
