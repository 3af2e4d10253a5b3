// Where the gradient goes in additive attention (Bahdanau 2015), and whether it is right.
import { AdditiveAttention, gradcheck, Random, randn } from "backflow";

const random = new Random(7);
const options = { dtype: "float64", random } as const;
const attention = new AdditiveAttention({ querySize: 3, valueSize: 4, attentionSize: 5 }, options);
const query = randn([1, 1, 3], { ...options, requiresGrad: true, name: "query" });
const values = randn([1, 6, 4], { ...options, requiresGrad: true, name: "values" });

const memory = attention.memory(values);
const { context, weights, scores } = attention.forward(query, memory);
weights.retainGrad();
scores.retainGrad();
context.sum().backward();

console.log("α  ", String(weights.reshape([6])));
console.log("ᾱ  ", String(weights.grad?.reshape([6])));
console.log("ē  ", String(scores.grad?.reshape([6]))); // sums to 0: softmax cannot raise every score
console.log("Σē ", scores.grad?.sum().itemSync().toExponential(1));

const report = gradcheck((q, h) => attention.forward(q, attention.memory(h)).context, [query, values], {
  module: attention,
});
console.log(`gradient check: ${report.passed ? "passed" : "failed"}`);
