// The signatures of the functions that assembly/index.ts exports. Addresses are bytes; counts and strides are elements.

/** A WebAssembly.Memory, as far as it is used here. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
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
  | "sigmoidGrad";
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
  | "sigmoid";

type ElementwiseExports = Record<BinaryName, BinaryExport> &
  Record<ScalarName, ScalarExport> &
  Record<UnaryName, UnaryExport>;

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

export interface KernelExports extends ElementwiseExports {
  readonly memory: WasmMemory;
  heapBase(): number;
  matmulRows(): number;
  packPanels(
    to: number,
    from: number,
    rowStride: number,
    kStride: number,
    rows: number,
    k: number,
    width: number,
  ): void;
  transpose(
    to: number,
    toStride: number,
    from: number,
    fromStride: number,
    rows: number,
    columns: number,
  ): void;
  packTaps(
    to: number,
    from: number,
    rows: number,
    kernel: number,
    indices: number,
    taps: number,
    panelBytes: number,
  ): void;
  addDots(out: number, a: number, b: number, rows: number, k: number): void;
  addScaledRows(out: number, a: number, b: number, k: number, n: number): void;
  matmulBlock(
    a: number,
    b: number,
    c: number,
    stride: number,
    m: number,
    n: number,
    k: number,
  ): void;
  padImage(
    to: number,
    from: number,
    channels: number,
    fromRows: number,
    fromColumns: number,
    top: number,
    left: number,
    toRows: number,
    phases: number,
    phaseLength: number,
    toPlane: number,
  ): void;
  convBlock(
    a: number,
    offsets: number,
    k: number,
    image: number,
    rowBytes: number,
    out: number,
    plane: number,
    channels: number,
    rows: number,
    columns: number,
  ): void;
  convWeightBlock(
    offsets: number,
    k: number,
    image: number,
    rowBytes: number,
    grad: number,
    out: number,
    channels: number,
    rows: number,
    columns: number,
  ): void;
  addRowSums: RowReduction;
  maxRows: RowReduction;
  minRows: RowReduction;
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
  averagePool: AveragePool;
  averagePoolGrad: AveragePool;
}

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
