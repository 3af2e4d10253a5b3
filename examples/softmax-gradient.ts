// The gradient of softmax, by autograd and by its closed form.
import { tensor } from "backflow";

const x = tensor([1, 2, 3], { dtype: "float64", requiresGrad: true, name: "x" });
const seed = tensor([1, 0, 0], { dtype: "float64" });

const y = x.softmax();
y.backward(seed, { retainGraph: true });
console.log("y      ", String(y));
console.log("∂y₀/∂x ", String(x.grad));

const closed = y.mul(seed.sub(y.mul(seed).sum()));
console.log("closed ", String(closed.detach()));
