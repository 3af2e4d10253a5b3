/** The ways in which people break a derivative, as edits of its text: sign, factor, term, axis, edge, accumulation. */

const methodSwaps = {
  add: "sub",
  sub: "add",
  mul: "div",
  div: "mul",
  greater: "greaterEqual",
  greaterEqual: "greater",
  less: "lessEqual",
  lessEqual: "less",
  exp: "log",
  equal: "notEqual",
};
const operatorSwaps = { "+": "-", "-": "+", "*": "/", "/": "*", "===": "!==", "!==": "===", ">": "<=", ">=": "<" };

/** Calls f(node, parent) on every node. */
function walk(node, visit, parent = null) {
  if (!node || typeof node.type !== "string") return;
  // Nothing that a message says is a derivative.
  if (node.type === "ThrowStatement" || node.type === "TemplateLiteral") return;
  visit(node, parent);
  for (const [key, value] of Object.entries(node)) {
    if (key === "parent") continue;
    if (Array.isArray(value)) for (const child of value) walk(child, visit, node);
    else if (value && typeof value === "object") walk(value, visit, node);
  }
}

/** Edits { start, end, text } of one target. */
export function mutationsOf(node, source) {
  const edits = [];
  const text = (of) => source.slice(of.start, of.end);
  const replace = (at, by) => {
    if (text(at) !== by) edits.push({ start: at.start, end: at.end, text: by });
  };
  walk(node, (current, parent) => {
    switch (current.type) {
      case "CallExpression":
        call(current, text, replace);
        break;
      case "BinaryExpression":
        binary(current, text, replace);
        break;
      case "AssignmentExpression":
        if (current.operator === "+=" || current.operator === "-=") {
          for (const operator of ["=", current.operator === "+=" ? "-=" : "+="]) {
            replace(current, `${text(current.left)} ${operator} ${text(current.right)}`);
          }
        }
        break;
      case "UnaryExpression":
        if (current.operator === "-" || current.operator === "!") replace(current, text(current.argument));
        break;
      case "ConditionalExpression":
        replace(current, `${text(current.test)} ? ${text(current.alternate)} : ${text(current.consequent)}`);
        break;
      case "Literal":
        literal(current, parent, replace);
        break;
      case "ArrayExpression":
        array(current, text, replace);
        break;
      default:
    }
  });
  return edits;
}

function call(node, text, replace) {
  const { callee, arguments: args } = node;
  if (callee.type === "MemberExpression" && !callee.computed) {
    const object = text(callee.object);
    const method = callee.property.name;
    const rest = args.map(text).join(", ");
    if (Object.hasOwn(methodSwaps, method)) replace(node, `${object}.${methodSwaps[method]}(${rest})`);
    // A dropped term or factor; a forgotten transpose, sign, sum or slope.
    if (["add", "sub", "mul", "div", "neg", "sum", "sigmoid", "transpose"].includes(method)) replace(node, object);
    if (method === "where" && args.length === 2) replace(node, `${object}.where(${text(args[1])}, ${text(args[0])})`);
  }
  if (callee.type === "Identifier" && /^(product|plus|sub\$?\d*)$/.test(callee.name) && args.length >= 2) {
    if (callee.name === "plus") {
      replace(node, text(args[0]));
      replace(node, text(args[1]));
    } else replace(node, `${callee.name}(${[args[1], args[0], ...args.slice(2)].map(text).join(", ")})`);
  }
}

function binary(node, text, replace) {
  const [left, right] = [text(node.left), text(node.right)];
  const swapped = operatorSwaps[node.operator];
  if (swapped) replace(node, `${left} ${swapped} ${right}`);
  if (node.operator === "*" || node.operator === "+") {
    replace(node, `(${left})`);
    replace(node, `(${right})`);
  }
  if (node.operator === "-" || node.operator === "/") replace(node, `(${left})`);
  if (node.operator === "<") replace(node, `${left} < ${right} - 1`);
}

function literal(node, parent, replace) {
  if (typeof node.value === "boolean") replace(node, String(!node.value));
  if (typeof node.value !== "number" || (parent?.type === "Property" && parent.key === node)) return;
  const others = { 0: ["1"], 1: ["0", "2"], 2: ["1"], 0.5: ["1"] };
  for (const other of others[node.value] ?? []) replace(node, other);
}

function array({ elements, ...node }, text, replace) {
  if (elements.length < 2 || elements.some((element) => !element || element.type === "SpreadElement")) return;
  const parts = elements.map(text);
  replace(node, `[${[parts[1], parts[0], ...parts.slice(2)].join(", ")}]`);
}
