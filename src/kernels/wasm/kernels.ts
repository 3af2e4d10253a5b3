/**
 * What `assembly/index.ts` exports. Addresses, sizes and strides are integers (addresses in bytes, strides in
 * elements); an absent operand is 0. Calls into WebAssembly do not check how many arguments they get, so these types
 * must follow the assembly to the letter.
 */
export interface Kernels {
  heapStart(): number;
  scratchSize(): number;
  controlSize(threads: number): number;
  setup(control: number, thread: number, scratch: number, bytesPerThread: number, maySleep: number): void;
  work(): void;
  /** Threads at work, the calling one included. */
  threads(): number;
  /** Passes an argument by its place: for kernels that take very many. */
  setInteger(place: number, value: number): void;

  fill(x: number, value: number, n: number): void;
  accumulate(x: number, y: number, n: number): void;
  copyBytes(x: number, y: number, bytes: number): void;
  clear(x: number, bytes: number): void;
  truth(x: number, y: number, n: number): void;

  map(f: number, x: number, y: number, n: number): void;
  mapBackward(f: number, x: number, y: number, gy: number, gx: number, n: number): void;
  zip(f: number, x: number, xStep: number, y: number, yStep: number, z: number, n: number): void;
  zipBroadcast(
    f: number,
    x: number,
    xStep: number,
    xRow: number,
    y: number,
    yStep: number,
    yRow: number,
    z: number,
    n: number,
    rows: number,
    planes: number,
    axes: number,
    axisCount: number,
  ): void;
  where(
    condition: number,
    conditionStep: number,
    conditionRow: number,
    x: number,
    xStep: number,
    xRow: number,
    y: number,
    yStep: number,
    yRow: number,
    z: number,
    n: number,
    rows: number,
    planes: number,
    axes: number,
    axisCount: number,
  ): void;

  reduce(f: number, x: number, y: number, outer: number, length: number, inner: number): void;

  matmul(
    a: number,
    b: number,
    c: number,
    batch: number,
    m: number,
    k: number,
    n: number,
    transposeA: number,
    transposeB: number,
    strideA: number,
    strideB: number,
    init: number,
    initRow: number,
    initStride: number,
    packed: number,
  ): void;

  /** A table of products, each by the addresses of a, b and c and by m, k and n, as 32-bit integers. */
  addProducts(table: number, count: number): void;

  /** Copies elements of so many bytes; with 0 bytes adds float32. */
  moveStrided(
    bytes: number,
    x: number,
    xStep: number,
    xRow: number,
    y: number,
    yStep: number,
    yRow: number,
    n: number,
    rows: number,
    planes: number,
    axes: number,
    axisCount: number,
  ): void;
  gather(x: number, indices: number, y: number, outer: number, length: number, inner: number, count: number): void;
  scatterAdd(x: number, indices: number, y: number, outer: number, length: number, inner: number, count: number): void;

  softmax(x: number, y: number, outer: number, length: number, inner: number, mask: number, repeat: number): void;
  softmaxBackward(y: number, gy: number, gx: number, outer: number, length: number, inner: number): void;
  logSoftmax(x: number, y: number, outer: number, length: number, inner: number): void;
  logSoftmaxBackward(y: number, gy: number, gx: number, outer: number, length: number, inner: number): void;
  layerNorm(x: number, weight: number, bias: number, y: number, rows: number, n: number, epsilon: number): void;
  layerNormBackward(
    x: number,
    weight: number,
    gy: number,
    gx: number,
    gw: number,
    gb: number,
    rows: number,
    n: number,
    group: number,
    epsilon: number,
  ): void;
  crossEntropy(
    logits: number,
    targets: number,
    loss: number,
    totals: number,
    exponents: number,
    rows: number,
    classes: number,
    ignore: number,
    smoothing: number,
  ): void;
  crossEntropyBackward(
    exponents: number,
    totals: number,
    targets: number,
    gy: number,
    gx: number,
    rows: number,
    classes: number,
    ignore: number,
    smoothing: number,
  ): void;

  gruGates(gi: number, gh: number, h: number, mask: number, y: number, batch: number, hidden: number): void;
  gruGatesBackward(
    gi: number,
    gh: number,
    h: number,
    mask: number,
    gy: number,
    giGradient: number,
    ghGradient: number,
    hGradient: number,
    batch: number,
    hidden: number,
  ): void;
  lstmGates(gi: number, gh: number, state: number, mask: number, y: number, batch: number, hidden: number): void;
  lstmGatesBackward(
    gi: number,
    gh: number,
    state: number,
    mask: number,
    gy: number,
    gates: number,
    stateGradient: number,
    batch: number,
    hidden: number,
  ): void;
  gruSequence(
    gi: number,
    w: number,
    bias: number,
    h0: number,
    mask: number,
    states: number,
    before: number,
    gh: number,
    kept: number,
    packed: number,
    time: number,
    batch: number,
    hidden: number,
    reversed: number,
  ): void;
  gruSequenceBackward(
    w: number,
    mask: number,
    before: number,
    gh: number,
    kept: number,
    gy: number,
    packed: number,
    giGradient: number,
    ghGradient: number,
    carry: number,
    time: number,
    batch: number,
    hidden: number,
    reversed: number,
  ): void;
  /** All other arguments are passed by {@link setInteger}, from place 8 on in the order that the assembly lists. */
  gruDecoder(wc: number, wh: number, wq: number): void;
  gruDecoderBackward(wc: number, wh: number, wq: number): void;

  additiveScore(
    query: number,
    keys: number,
    v: number,
    e: number,
    batch: number,
    steps: number,
    places: number,
    width: number,
  ): void;
  additiveScoreBackward(
    query: number,
    keys: number,
    v: number,
    gy: number,
    queryGradient: number,
    keysGradient: number,
    vGradient: number,
    batch: number,
    steps: number,
    places: number,
    width: number,
  ): void;

  sgd(
    p: number,
    g: number,
    velocity: number,
    scale: number,
    n: number,
    momentum: number,
    learningRate: number,
    weightDecay: number,
  ): void;
  adam(
    p: number,
    g: number,
    m: number,
    v: number,
    scale: number,
    n: number,
    weightDecay: number,
    shrink: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    rate: number,
    correction: number,
    epsilon: number,
  ): void;
  adadelta(
    p: number,
    g: number,
    squares: number,
    deltas: number,
    scale: number,
    n: number,
    rho: number,
    rest: number,
    epsilon: number,
    learningRate: number,
    weightDecay: number,
  ): void;
}
