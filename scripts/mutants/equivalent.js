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
    mutant: "Slot.joined: if (products.length === ⟦1 → 0⟧) return products[0];",
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
  { because: "reads what all blocks have alike", mutant: "joinRows: const first = blocks[⟦0 → 1⟧];" },
  { because: "works out a second half that nobody reads", mutant: "joinRows: outer: ⟦1 → 2⟧," },
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
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant: "gruDecoderBackward: ⟦1 → 2⟧,",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruSequenceBackward: matmulInto(whole(dtype, recurrent, ⟦[batch, 3 * hidden] → [3 * hidden, batch]⟧), w, oneProduct(batch, 3 * hidden, hidden), carry);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruDecoderBackward: matmulInto(whole(dtype, gh, ⟦[batch, 3 * hidden] → [3 * hidden, batch]⟧), hiddenWeight, oneProduct(batch, 3 * hidden, hidden), carry);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruDecoderBackward: matmulInto(whole(dtype, gi, ⟦[batch, 3 * hidden] → [3 * hidden, batch]⟧), contextWeight, toContext, gc);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruDecoderBackward: const ge = whole(dtype, take(softmaxBackward(alpha, ga, rows)), ⟦[ batch, 1, source ] → [1, batch, source]⟧);",
  },
  {
    because: "the numbers are read in the order in which they lie, and how many there are is known from elsewhere",
    mutant:
      "gruDecoderBackward: matmulInto(whole(dtype, gq, ⟦[batch, attention] → [attention, batch]⟧), queryWeight, oneProduct(batch, attention, hidden), carry);",
  },
  {
    because: "when memory is given back",
    mutant:
      "BackwardPass.deliver: if (contribution instanceof Tensor && contribution !== gy && ⟦!this.createGraph → this.createGraph⟧) contribution.dispose();",
  },
  {
    because: "chooses between two roads to the same sum",
    mutant:
      "BackwardPass.deliver: else if (contribution.alone && ⟦!slot.gradient → slot.gradient⟧) slot.arrive(contribution.alone(), this.createGraph);",
  },
  {
    because: "what an operation has just made begins at 0",
    mutant:
      "gruSequenceOp: const before = output.view([rows, hidden], ⟦output.offset + sequenceParts({ gi, h0 }, gap).before → (sequenceParts({ gi, h0 }, gap).before)⟧);",
  },
  {
    because: "what an operation has just made begins at 0",
    mutant:
      "gruDecoderOp: const before = output.view([rows, hidden], ⟦output.offset + parts.before → (parts.before)⟧);",
  },
  {
    because: "what an operation has just made begins at 0",
    mutant:
      "gruDecoderOp: const contexts = output.view([rows, context], ⟦output.offset + parts.contexts → (parts.contexts)⟧);",
  },
  {
    because: "a step has one row of a sentence: beside each other or one below the other, they lie in the same order",
    mutant: "stepByStep: ])), { axis: ⟦1 → 2⟧ }).reshape([-1]);",
  },
];
