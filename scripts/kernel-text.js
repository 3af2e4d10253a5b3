/**
 * GPU kernels as text. gpu.js reads the source of a kernel's function, and a minifier may rewrite that source into what
 * gpu.js does not understand. So the built library carries strings: every function given to `kernel(…)` or
 * `deviceFunction(…)` in src/kernels/gpu, and in the benchmark's page, is replaced by its own source, line for line.
 */
import { parseAst } from "vite";

/** The module's code with its kernels as template strings. */
export function withKernelText(code) {
  const found = [];
  const visit = (node) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    if (node.type === "CallExpression" && /^(kernel|deviceFunction)$/.test(node.callee.name)) {
      found.push(...node.arguments.filter((argument) => argument.type === "FunctionExpression"));
    }
    Object.values(node).forEach(visit);
  };
  visit(parseAst(code));
  // From the end, so that the places before stay where they are.
  return found
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => text.slice(0, start) + quoted(text.slice(start, end)) + text.slice(end), code);
}

const quoted = (source) => `\`${source.replace(/[\\`]|\$\{/g, "\\$&")}\``;

/** The same as a plugin for Vite, which bundles the library and its pages. */
export const kernelText = () => ({
  name: "kernel-text",
  enforce: "post",
  transform: (code, id) =>
    /[\\/](kernels[\\/]gpu|bench)[\\/]/.test(id) ? { code: withKernelText(code), map: null } : null,
});
