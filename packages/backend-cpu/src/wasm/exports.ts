// The signatures of the functions that assembly/index.ts exports. Addresses are bytes; counts and strides are elements.
import type { ElementwiseExports } from "./exports-elementwise.ts";
import type { RecurrentExports } from "./exports-recurrent.ts";

export type {
  ActivationExport,
  ActivationGradExport,
  ActivationGradName,
  ActivationName,
  BinaryExport,
  BinaryName,
  BitsName,
  CompareExport,
  CompareName,
  ConversionExport,
  ConversionName,
  IntegerExport,
  IntegerName,
  PropertyName,
  ScalarExport,
  ScalarName,
  TruthName,
  UnaryExport,
  UnaryName,
} from "./exports-elementwise.ts";

/** A WebAssembly.Memory, as far as it is used here. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

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
