/** Which parts of the bundled library are derivatives, and which operations' checks are to catch a mutant there. */

/** Fused backward kernels, and what accumulates for them: the operations that run them. */
const kernelOperations = {
  mapBackward: ["exp", "tanh", "relu"],
  softmaxBackward: ["softmax", "maskedSoftmax"],
  logSoftmaxBackward: ["logSoftmax"],
  layerNormBackward: ["layerNorm"],
  crossEntropyBackward: ["crossEntropy"],
  gruGatesBackward: ["gruGates"],
  lstmGatesBackward: ["lstmGates"],
  additiveScoreBackward: ["additiveScore"],
  gruSequenceBackward: ["gruSequence"],
  gruDecoderBackward: ["gruDecoder"],
  padInto: ["slice"],
  scatterAddInto: ["gather"],
  addRows: ["gather", "scatterAdd"],
  matmulInto: ["matmul", "linear"],
  addProducts: ["matmul", "linear", "gruSequence"],
  accumulate: ["add", "alias", "section"],
};

/** Helpers that backward and tangent rules share. */
const helperOperations = {
  winnersTangent: ["maximum", "minimum"],
  winnersShare: ["maximum", "minimum"],
  averageOf: ["maximumConstant", "minimumConstant"],
  defineUnary: ["exp", "tanh"],
  softmaxTangent: ["softmax", "maskedSoftmax"],
  keepMasked: ["gruGates", "lstmGates"],
  inverse: ["permute"],
  firstExtreme: ["max", "min"],
  defineExtreme: ["max", "min"],
  stepByStep: ["gruSequence", "gruDecoder"],
  sumTo: ["add", "mul", "where"],
};

/** The engine: what collects, un-broadcasts and pushes forward. */
const engineFunctions = [
  "joinRows",
  "leaveOnLeaf",
  "ownGradient",
  "composedBackward",
  "pushForward",
  "throughComposed",
];
const engineMethods = { Slot: ["arrive", "writable", "joined", "settle"], BackwardPass: ["fitted", "deliver"] };

const ruleParts = new Set(["backward", "backwardKernel", "tangent", "composed"]);

const nameOf = (node) => node.id?.name?.replace(/\$\d+$/, "");

/** The operation that a `defineOp("name", …)` or one of its relatives makes. */
function definedOperation(init) {
  if (init?.type !== "CallExpression" || !/^define(Op|Binary|Unary|Constant|Extreme)$/.test(init.callee.name ?? "")) {
    return null;
  }
  const [first] = init.arguments;
  if (first?.type !== "Literal") return null;
  return init.callee.name === "defineConstant" ? `${first.value}Constant` : first.value;
}

/** The rule parts in an object literal. */
const rulesIn = (object) =>
  object.properties.filter((property) => ruleParts.has(property.key?.name)).map((property) => property.value);

/** Every stretch of code to mutate: { name, nodes, operations }, operations null where any may be hit. */
export function targetsOf(program) {
  const targets = [];
  const add = (name, nodes, operations) => targets.push({ name, nodes, operations });
  const declarations = program.body.flatMap((statement) =>
    statement.type === "VariableDeclaration"
      ? statement.declarations.map((one) => ({ name: nameOf(one), node: one.init }))
      : [{ name: nameOf(statement), node: statement }],
  );
  for (const { name, node } of declarations) {
    if (!node) continue;
    const operation = definedOperation(node);
    if (operation) {
      const nodes = node.arguments
        .slice(1)
        .flatMap((argument) => (argument.type === "ObjectExpression" ? rulesIn(argument) : [argument]));
      add(name, nodes, [operation]);
    } else if (name === "unary" && node.type === "ObjectExpression") {
      for (const row of node.properties) {
        const gradient = row.value.properties.find((property) => property.key.name === "gradient");
        add(`scalar ${row.key.name}`, [gradient.value], [row.key.name]);
      }
    } else if (Object.hasOwn(kernelOperations, name)) add(name, [node], kernelOperations[name]);
    else if (Object.hasOwn(helperOperations, name)) add(name, [node], helperOperations[name]);
    else if (engineFunctions.includes(name)) add(name, [node], null);
    else if (Object.hasOwn(engineMethods, name)) {
      const body = (node.body?.body ?? []).filter((member) => engineMethods[name].includes(member.key?.name));
      for (const method of body) add(`${name}.${method.key.name}`, [method.value], null);
    }
  }
  return targets;
}
