import { GraphError } from "../errors.js";
import type { Storage } from "../kernels/storage.js";

/** What a scope needs to know of a tensor. */
export interface Scoped {
  readonly storage: Storage;
  readonly disposed: boolean;
  dispose(): void;
}

/** The innermost scope's tensors, or null outside every scope. */
let current: Scoped[] | null = null;

/** Gives a storage back when the last tensor over it was collected without `dispose()`. */
const registry = new FinalizationRegistry<Storage>((storage) => storage.release());

/** Called by every new tensor: the scope owns it, or outside of scopes the garbage collector does. */
export function adopt(tensor: Scoped): void {
  if (current) current.push(tensor);
  else registry.register(tensor, tensor.storage, tensor);
}

/** Called when a tensor is disposed of. */
export function disown(tensor: Scoped): void {
  registry.unregister(tensor);
}

/** Called when a tensor has taken another storage: the garbage collector gives back that one from now on. */
export function readopt(tensor: Scoped): void {
  registry.unregister(tensor);
  registry.register(tensor, tensor.storage, tensor);
}

/** Lets go of a tensor of this scope: from now on the garbage collector owns it, as outside of scopes. */
export function keep<T extends Scoped>(tensor: T): T {
  if (current) {
    const i = current.lastIndexOf(tensor);
    if (i >= 0) {
      current[i] = current[current.length - 1] as Scoped;
      current.pop();
      readopt(tensor);
    }
  }
  return tensor;
}

/** Runs `fn` outside of every scope: what it makes stays until it is disposed of or collected. */
export function unscoped<T>(fn: () => T): T {
  const outer = current;
  current = null;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

function isScoped(value: object): value is Scoped {
  return "storage" in value && "dispose" in value;
}

/** Collects every tensor that a returned value holds: in arrays, in plain objects, at any depth. */
function tensorsIn(value: unknown, found: Set<Scoped>): void {
  if (typeof value !== "object" || value === null) return;
  if (isScoped(value)) found.add(value);
  else if (Array.isArray(value)) for (const item of value) tensorsIn(item, found);
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) tensorsIn(item, found);
  }
}

/**
 * Runs `fn` and frees every tensor made inside, but for those it returns (also inside arrays and plain objects), for
 * the gradients that `backward()` left on leaves, and for those given to `keep`.
 */
export function scope<T>(fn: () => T): T {
  const outer = current;
  const mine: Scoped[] = [];
  current = mine;
  const returned = new Set<Scoped>();
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new GraphError("scope: the function must not be async: await outside, run the operations inside");
    }
    tensorsIn(result, returned);
    return result;
  } finally {
    current = outer;
    for (const tensor of mine) {
      if (tensor.disposed) continue;
      if (returned.has(tensor)) adopt(tensor);
      else tensor.dispose();
    }
  }
}
