// The signatures of the functions that assembly/index.ts exports. Addresses are bytes; counts and strides are elements.

/** A WebAssembly.Memory, as far as it is used here. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

/** to[i] = a[i] op b[i] for `count` floats, rounded up to whole vectors; `to` may be an operand. */
export type BinaryExport = (to: number, a: number, b: number, count: number) => void;
/** As above with one number as the other operand, or with one operand alone. */
export type ScalarExport = (to: number, a: number, scalar: number, count: number) => void;
export type UnaryExport = (to: number, a: number, count: number) => void;

export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "maximum"
  | "minimum"
  | "reluGrad"
  | "tanhGrad"
  | "sigmoidGrad"
  | "pow"
  | "atan2"
  | "fmod"
  | "remainder"
  | "floorDivide"
  | "hypot"
  | "copysign"
  | "logaddexp";
export type ScalarName =
  | "addScalar"
  | "subScalar"
  | "mulScalar"
  | "divScalar"
  | "maximumScalar"
  | "minimumScalar"
  | "scalarSub"
  | "scalarDiv";
export type UnaryName =
  | "neg"
  | "abs"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "relu"
  | "exp"
  | "log"
  | "tanh"
  | "sigmoid"
  | "square"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "sign"
  | "erf"
  | "expm1"
  | "log1p"
  | "log2"
  | "log10"
  | "exp2"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "erfc"
  | "halfPower";

/** An activation with its options p, q and r, and its gradient: g times the derivative at x. */
export type ActivationExport = (
  to: number,
  x: number,
  count: number,
  p: number,
  q: number,
  r: number,
) => void;
export type ActivationGradExport = (
  to: number,
  grad: number,
  x: number,
  count: number,
  p: number,
  q: number,
  r: number,
) => void;

export type ActivationName =
  | "gelu"
  | "geluTanh"
  | "silu"
  | "mish"
  | "logsigmoid"
  | "softplus"
  | "leakyRelu"
  | "elu"
  | "clamp"
  | "hardswish"
  | "hardsigmoid"
  | "threshold"
  | "hardshrink"
  | "softshrink";
export type ActivationGradName =
  | `${Exclude<ActivationName, "clamp" | "softshrink">}Grad`
  | "hardtanhGrad";

/** to[i] = a[i] op b[i] as bytes 0 and 1; counts are rounded up to 16. */
export type CompareExport = BinaryExport;
export type CompareName = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
/** The same of what elements are true, and of what one element is. */
export type TruthName = "logicalAnd" | "logicalOr" | "logicalXor";
export type PropertyName = "isfinite" | "isinf" | "signbit" | "logicalNot";
/** Bits of bytes; counts are rounded up to 16. */
export type BitsName = "bitsAnd" | "bitsOr" | "bitsXor";

/** to[i] = a[i] op b[i] of integers; other than 0 where a result is out of range or a divisor 0. Counts are rounded up to 16. */
export type IntegerExport = (to: number, a: number, b: number, count: number) => number;
export type IntegerName = `${
  | "add"
  | "sub"
  | "mul"
  | "maximum"
  | "minimum"
  | "bitwiseAnd"
  | "bitwiseOr"
  | "bitwiseXor"
  | "floorDivide"
  | "remainder"
  | "neg"
  | "abs"
  | CompareName}${"I32" | "I64"}`;

/** to[i] = from[i] in another type of element; counts are rounded up to 16. */
export type ConversionExport = UnaryExport;
export type ConversionName =
  | "floatsOfHalves"
  | "halvesOfFloats"
  | "floatsOfBrains"
  | "brainsOfFloats"
  | "floatsOfIntegers"
  | "integersOfFloats"
  | "floatsOfBytes"
  | "bytesOfFloats"
  | "boolsOfFloats"
  | "longsOfIntegers"
  | "integersOfLongs"
  | "floatsOfLongs"
  | "longsOfFloats"
  | "doublesOfFloats"
  | "floatsOfDoubles"
  | "integersOfBytes"
  | "longsOfBytes";

type ElementwiseExports = Record<ConversionName, ConversionExport> &
  Record<BinaryName, BinaryExport> &
  Record<ScalarName, ScalarExport> &
  Record<UnaryName, UnaryExport> &
  Record<ActivationName, ActivationExport> &
  Record<ActivationGradName, ActivationGradExport> &
  Record<CompareName | TruthName | BitsName, CompareExport> &
  Record<PropertyName, UnaryExport> &
  Record<IntegerName, IntegerExport>;

/** Reduces `rows` rows of contiguous floats into one accumulator each (float64 for sums). */
export type RowReduction = (to: number, from: number, rows: number, columns: number) => void;

/** Reduces the middle dimension of [outer, reduce, inner] into accumulators `stride` apart per outer index. */
export type ColumnReduction = (
  to: number,
  stride: number,
  from: number,
  outer: number,
  reduce: number,
  inner: number,
) => void;

/** The places of extrema along the middle dimension, the first of which is `start`. */
type ArgReduction = (
  best: number,
  index: number,
  stride: number,
  from: number,
  outer: number,
  reduce: number,
  inner: number,
  start: number,
) => void;

/** Any of the exported functions. */
export type KernelName = keyof KernelExports;

/** Softmax down the columns of [size, stride] floats, in place. */
export type ColumnSoftmax = (x: number, size: number, stride: number, columns: number) => void;
export type ColumnSoftmaxGrad = (
  grad: number,
  output: number,
  size: number,
  stride: number,
  columns: number,
) => void;

type Dims<T extends readonly unknown[]> = readonly [...T, ...T, ...T, ...T];
/** Four dims as (size, stride of the target, stride of the source), outermost first. */
export type KernelDims = Dims<[size: number, to: number, from: number]>;

export interface KernelExports extends ElementwiseExports, RecurrentExports {
  attention: AttentionTask;
  attentionGrad: AttentionTask;
  /** Copies 32-bit words from one layout to another. */
  copyWords(to: number, from: number, ...dims: KernelDims): void;
  /** Copies the rows that indices name, block by block. */
  pickWords(
    to: number,
    from: number,
    indices: number,
    outer: number,
    size: number,
    count: number,
    inner: number,
    step: number,
  ): void;
  heapBase(): number;
  where(to: number, condition: number, a: number, b: number, count: number): void;
  maskedScale(to: number, mask: number, x: number, count: number, scale: number): void;
  notBytes(to: number, from: number, count: number): void;
  /** mt19937 by whole renewals: words and draws with room beside them, bytes out, renewals, whether odd, the bound. */
  bernoulliBlocks(
    words: number,
    draws: number,
    to: number,
    blocks: number,
    odd: boolean,
    high: number,
    low: number,
  ): void;
  setScratch(address: number): void;
  matmulRows(): number;
  panelRows(): number;
  packPanels(
    to: number,
    from: number,
    rowStride: number,
    kStride: number,
    rows: number,
    k: number,
    width: number,
  ): void;
  /** packPanels part after part of `depth` along k; task i takes rows [i * taskRows, ...), whole panels. */
  packTask(
    to: number,
    from: number,
    rowStride: number,
    kStride: number,
    rows: number,
    k: number,
    width: number,
    depth: number,
    taskRows: number,
    task: number,
  ): void;
  /** C[m, n] = A B (+= unless `fresh`) of operands packed by packTask; a task does one block of taskRows by taskColumns. */
  matmulTask(
    a: number,
    b: number,
    c: number,
    m: number,
    n: number,
    k: number,
    depth: number,
    fresh: number,
    taskRows: number,
    taskColumns: number,
    task: number,
  ): void;
  /** C[i] = A[i] B[i] of a batch of matrices that are not packed, `group` of them a task; strides in floats. */
  matmulBatchTask(
    a: number,
    b: number,
    c: number,
    aMatrix: number,
    aRow: number,
    aK: number,
    bMatrix: number,
    bColumn: number,
    bK: number,
    m: number,
    n: number,
    k: number,
    depth: number,
    batch: number,
    group: number,
    task: number,
  ): void;
  transpose(
    to: number,
    toStride: number,
    from: number,
    fromStride: number,
    rows: number,
    columns: number,
  ): void;
  addDots(out: number, a: number, b: number, rows: number, k: number): void;
  addScaledRows(out: number, a: number, b: number, k: number, n: number): void;
  convPad: JobTask;
  convForward: JobTask;
  convGradInput: JobTask;
  convGradWeight: JobTask;
  depthwiseForward: JobTask;
  depthwiseGradInput: JobTask;
  depthwiseGradWeight: JobTask;
  winogradFilters: JobTask;
  winogradTiles: JobTask;
  winogradSource: JobTask;
  winogradChannels: JobTask;
  winogradOperands: JobTask;
  winogradWeight: JobTask;
  addRowSums: RowReduction;
  maxRows: RowReduction;
  minRows: RowReduction;
  addSquaredDifferences(sum: number, a: number, b: number, count: number): void;
  argmaxColumns: ArgReduction;
  argminColumns: ArgReduction;
  firstEqual(from: number, count: number, value: number): number;
  addColumnSums: ColumnReduction;
  maxColumns: ColumnReduction;
  minColumns: ColumnReduction;
  maxPool(
    to: number,
    toIndex: number,
    from: number,
    planes: number,
    height: number,
    width: number,
    stagedRows: number,
    inRow: number,
    outRow: number,
    outRows: number,
    outWidth: number,
    kernelH: number,
    kernelW: number,
    strideH: number,
    strideW: number,
    padH: number,
    padW: number,
    dilationH: number,
    dilationW: number,
  ): void;
  softmaxColumns: ColumnSoftmax;
  logSoftmaxColumns: ColumnSoftmax;
  softmaxColumnsGrad: ColumnSoftmaxGrad;
  logSoftmaxColumnsGrad: ColumnSoftmaxGrad;
  layerNorm(
    to: number,
    from: number,
    weight: number,
    bias: number,
    means: number,
    variances: number,
    rows: number,
    columns: number,
    eps: number,
  ): void;
  layerNormGrad(
    grad: number,
    x: number,
    weight: number,
    means: number,
    variances: number,
    gradWeight: number,
    gradBias: number,
    rows: number,
    columns: number,
    eps: number,
  ): void;
  flushSums(sums: number, floats: number, count: number): void;
  softmax(to: number, from: number, rows: number, columns: number): void;
  logSoftmax(to: number, from: number, rows: number, columns: number): void;
  softmaxGrad(to: number, grad: number, output: number, rows: number, columns: number): void;
  logSoftmaxGrad(to: number, grad: number, output: number, rows: number, columns: number): void;
  addMoments(moments: number, from: number, images: number, channels: number, size: number): void;
  scaleChannels(
    x: number,
    scale: number,
    shift: number,
    images: number,
    channels: number,
    size: number,
  ): void;
  addGradientSums(
    sums: number,
    grad: number,
    x: number,
    mean: number,
    images: number,
    channels: number,
    size: number,
  ): void;
  normGradient(
    grad: number,
    x: number,
    terms: number,
    images: number,
    channels: number,
    size: number,
  ): void;
  sgdStep(
    param: number,
    grad: number,
    buffer: number,
    count: number,
    rate: number,
    weightDecay: number,
    momentum: number,
    keep: number,
    flags: number,
  ): void;
  adamStep(
    param: number,
    grad: number,
    average: number,
    square: number,
    largest: number,
    count: number,
    decay: number,
    beta1: number,
    keep1: number,
    beta2: number,
    keep2: number,
    correction: number,
    epsilon: number,
    rate: number,
    flags: number,
  ): void;
  rmspropStep(
    param: number,
    grad: number,
    square: number,
    mean: number,
    buffer: number,
    count: number,
    rate: number,
    weightDecay: number,
    alpha: number,
    keep: number,
    epsilon: number,
    momentum: number,
    flags: number,
  ): void;
  adagradStep(
    param: number,
    grad: number,
    sum: number,
    count: number,
    rate: number,
    weightDecay: number,
    epsilon: number,
    flags: number,
  ): void;
  maxPoolGrad(
    to: number,
    from: number,
    indices: number,
    planes: number,
    inPlane: number,
    outPlane: number,
  ): number;
  averagePool: AveragePool;
  averagePoolGrad: AveragePool;
}

/** One head of attention or of its gradient, as the job at this address says. */
type AttentionTask = (job: number, task: number) => void;

/** One step of a recurrent layer or its gradient: addresses, then rows and the gates' padded size. */
interface RecurrentExports {
  rnnStep(h: number, z: number, count: number, relu: number): void;
  rnnStepGrad(grad: number, dh: number, y: number, count: number, relu: number): void;
  lstmStep(z: number, c: number, h: number, rows: number, hidden: number): void;
  lstmStepGrad(
    z: number,
    grad: number,
    more: number,
    dh: number,
    dc: number,
    cell: number,
    before: number,
    rows: number,
    hidden: number,
  ): void;
  gruStep(to: number, x: number, p: number, h: number, rows: number, hidden: number): void;
  gruStepGrad(
    dx: number,
    dp: number,
    y: number,
    grad: number,
    dh: number,
    before: number,
    rows: number,
    hidden: number,
  ): void;
}

/** One task of the job that conv-job.ts or winograd-job.ts wrote at this address. */
export type JobTask = (job: number, task: number) => void;

export type AveragePool = (
  to: number,
  from: number,
  planes: number,
  height: number,
  width: number,
  stagedRows: number,
  inRow: number,
  outRow: number,
  outRows: number,
  outWidth: number,
  kernelH: number,
  kernelW: number,
  strideH: number,
  strideW: number,
  padH: number,
  padW: number,
  countPad: number,
  divisor: number,
) => void;
