/**
 * Mutants that change no gradient, each with the reason. A survivor that is not listed here is a hole in the checks; one
 * that is listed and caught after all, or is not there any more, is reported too.
 */
export const equivalent = [
  {
    because: "a tie is dealt with before the comparison is looked at",
    mutant:
      'maximumOp: var maximumOp = defineBinary("maximum", (call, gz) => winnersShare(call, gz, (a, b) => ⟦a.less(b) → a.lessEqual(b)⟧), winnersTangent((a, b) => a.less(b)));',
  },
  {
    because: "a tie is dealt with before the comparison is looked at",
    mutant:
      'maximumOp: var maximumOp = defineBinary("maximum", (call, gz) => winnersShare(call, gz, (a, b) => a.less(b)), winnersTangent((a, b) => ⟦a.less(b) → a.lessEqual(b)⟧));',
  },
  {
    because: "a tie is dealt with before the comparison is looked at",
    mutant:
      'minimumOp: var minimumOp = defineBinary("minimum", (call, gz) => winnersShare(call, gz, (a, b) => ⟦a.greater(b) → a.greaterEqual(b)⟧), winnersTangent((a, b) => a.greater(b)));',
  },
  {
    because: "a tie is dealt with before the comparison is looked at",
    mutant:
      'minimumOp: var minimumOp = defineBinary("minimum", (call, gz) => winnersShare(call, gz, (a, b) => a.greater(b)), winnersTangent((a, b) => ⟦a.greater(b) → a.greaterEqual(b)⟧));',
  },
  {
    because: "a tie is dealt with before the comparison is looked at",
    mutant:
      'maximumConstantOp: var maximumConstantOp = defineConstant("maximum", (x, c, gy) => x.equal(c).where(gy.mul(.5), ⟦x.less(c) → x.lessEqual(c)⟧.where(0, gy)), (x, c) => averageOf(x.greater(c), x.greaterEqual(c), x));',
  },
  {
    because: "a tie is dealt with before the comparison is looked at",
    mutant:
      'minimumConstantOp: var minimumConstantOp = defineConstant("minimum", (x, c, gy) => x.equal(c).where(gy.mul(.5), ⟦x.greater(c) → x.greaterEqual(c)⟧.where(0, gy)), (x, c) => averageOf(x.less(c), x.lessEqual(c), x));',
  },
  {
    because: "any finite number does: the place is masked, or multiplied by y = 0",
    mutant: "powOp: const gx = () => gz.mul(y).mul(x.pow(x.abs().add(y.abs()).equal(0).where(⟦0 → 1⟧, y.sub(1))));",
  },
  {
    because: "any finite number does: the place is masked, or multiplied by y = 0",
    mutant: "powOp: return gz.mul(zero.where(0, call.output.mul(zero.where(⟦1 → 2⟧, x).log())));",
  },
  { because: "the reshape behind it gives the same shape either way", mutant: "sumTo: keepDims: ⟦false → true⟧" },
  {
    because: "only a short cut: copies where it need not, or joins one block with nothing",
    mutant: "joinRows: if (blocks.length === ⟦1 → 0⟧) return first;",
  },
  {
    because: "only a short cut: copies where it need not, or joins one block with nothing",
    mutant: "Slot.writable: else if (!this.borrowed && this.gradient.storage.references > ⟦1 → 0⟧) {",
  },
  {
    because: "only a short cut: copies where it need not, or joins one block with nothing",
    mutant:
      "ownGradient: return !hooked && gradient.storage.references <= ⟦1 → 0⟧ ? gradient.view(gradient.shape) : copyOf(gradient);",
  },
  { because: "works out a second half that nobody reads", mutant: "joinRows: outer: ⟦1 → 2⟧," },
  { because: "works out a second half that nobody reads", mutant: "Slot.collect: batch: ⟦1 → 2⟧," },
  { because: "a batch of one never takes the step to the next matrix", mutant: "Slot.collect: batchStrideA: ⟦0 → 1⟧," },
  { because: "a batch of one never takes the step to the next matrix", mutant: "Slot.collect: batchStrideB: ⟦0 → 1⟧" },
  {
    because: "chooses between two roads to the same product",
    mutant:
      "matmulOp: if (⟦a.rank === 2 → a.rank !== 2⟧ && b.rank === 2 && !transposeA) return { product: transposeB ? {",
  },
  {
    because: "chooses between two roads to the same product",
    mutant: "matmulOp: if (a.rank === ⟦2 → 1⟧ && b.rank === 2 && !transposeA) return { product: transposeB ? {",
  },
  {
    because: "chooses between two roads to the same product",
    mutant: "matmulOp: if (a.rank === 2 && b.rank === ⟦2 → 1⟧ && !transposeA) return { product: transposeB ? {",
  },
  {
    because: "the two have one shape, and only their shape is looked at",
    mutant:
      "gruGatesOp: return ⟦[ gi, gh, h ] → [gh, gi, h]⟧.map((input, i) => new Tensor(gradients[i], input.shape, input.device));",
  },
  {
    because: "the two are views of one gradient: gi and gh are only ever added",
    mutant:
      "lstmGatesOp: return ⟦[ gradient, gradient.view(gh.shape), new Tensor(previous, state.shape, state.device) ] → [gradient.view(gh.shape), gradient, new Tensor(previous, state.shape, state.device)]⟧;",
  },
  { because: "works out a second half that nobody reads", mutant: "gruSequenceOp: outer: ⟦1 → 2⟧," },
  { because: "works out a second half that nobody reads", mutant: "gruDecoderOp: outer: ⟦1 → 2⟧," },
  {
    because: "what an operation has just made begins at 0",
    mutant:
      "gruSequenceOp: const before = output.view([rows, hidden], ⟦output.offset + (options.reversed ? batch * hidden : 0) → output.offset - options.reversed ? batch * hidden : 0⟧);",
  },
  {
    because: "what an operation has just made begins at 0",
    mutant:
      "gruSequenceOp: const before = output.view([rows, hidden], ⟦output.offset + (options.reversed ? batch * hidden : 0) → (options.reversed ? batch * hidden : 0)⟧);",
  },
  {
    because: "what an operation has just made begins at 0",
    mutant:
      "gruDecoderOp: const contexts = output.view([rows, context], ⟦output.offset + decoderParts(sizes).contexts → (decoderParts(sizes).contexts)⟧);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruDecoderBackward: const gc = whole(matmul$1(at$1(gradients.gates, t), contextWeight, rowsTimes(batch, 3 * hidden, context)), ⟦[batch, context] → [context, batch]⟧);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruDecoderBackward: const alpha = whole(store(dtype, stepOf(made.weights, t)), ⟦[batch, source] → [source, batch]⟧);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant: "gruDecoderBackward: const atWeights = whole(ga, ⟦[batch, source] → [source, batch]⟧);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruDecoderBackward: const ge = whole(softmaxBackward(alpha, atWeights, rows), ⟦[ batch, 1, source ] → [1, batch, source]⟧);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant: "gruDecoderBackward: ⟦1 → 2⟧,",
  },
  {
    because: "in which order memory is given back",
    mutant:
      "gruDecoderBackward: for (const used of ⟦[ gc, alpha, atWeights, ge ] → [alpha, gc, atWeights, ge]⟧) used.storage.release();",
  },
  {
    because: "a step has one row of a sentence: beside each other or one below the other, they lie in the same order",
    mutant: "stepByStep: flat(weights, ⟦1 → 2⟧),",
  },
  {
    because: "a step has one row of a sentence: beside each other or one below the other, they lie in the same order",
    mutant: "stepByStep: flat(scores, ⟦1 → 2⟧)",
  },
];
