// How many commands (dispatches, and copies between buffers) each fused kernel takes, and how many
// its decomposition does, on a device that only records.
import type { WebGpuBackend } from "@tead/backend-webgpu";
import { type AnyOp, dispatch, dispatchInto, noGrad, ops, type Tensor, zeros } from "@tead/tensor";
import { recordingBackend } from "./recording-device.ts";

export interface FusedCount {
  readonly op: string;
  readonly fused: number;
  readonly decomposed: number;
}

/** A call of an op: the shapes of its operands ("index" for int32 ones), and its attributes. */
interface Sample {
  readonly operands: readonly (readonly number[] | undefined)[];
  /** Which operands are int32. */
  readonly indices?: readonly number[];
  readonly attrs?: object;
}

const table = new Map(
  (Object.values(ops) as unknown[])
    .filter(
      (value): value is AnyOp => typeof value === "object" && value !== null && "kind" in value,
    )
    .map((op) => [op.name, op]),
);

const [x, w, row] = [[2, 4, 6, 6], [4, 4, 3, 3], [4]];
const conv = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
const pool = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], ceilMode: false };
const maxPool = { ...pool, dilation: [1, 1] };
const avgPool = { ...pool, countIncludePad: true };
const inputSize = [6, 6];
const nll = { reduction: "mean", ignoreIndex: -100 };
const embedding = { paddingIdx: undefined, scaleGradByFreq: false };
const norm = { operands: [x, row, row] };
const normGrad = { operands: [x, x, row, row, row] };
const halves = [2, 4, 3, 3];

/** The ops that are not elementwise. */
const samples: Readonly<Record<string, Sample>> = {
  linear: { operands: [[8, 5], [3, 5], [3]] },
  conv: { operands: [x, w, row], attrs: conv },
  convGradInput: { operands: [x, w], attrs: { ...conv, inputSize } },
  convGradWeight: { operands: [x, x], attrs: { ...conv, kernelSize: [3, 3] } },
  softmax: { operands: [[8, 5]], attrs: { dim: 1 } },
  logSoftmax: { operands: [[8, 5]], attrs: { dim: 1 } },
  softmaxGrad: {
    operands: [
      [8, 5],
      [8, 5],
    ],
    attrs: { dim: 1 },
  },
  logSoftmaxGrad: {
    operands: [
      [8, 5],
      [8, 5],
    ],
    attrs: { dim: 1 },
  },
  nllLoss: { operands: [[8, 5], [8], undefined], indices: [1], attrs: nll },
  nllLossGrad: { operands: [[], [8], undefined, []], indices: [1], attrs: { ...nll, classes: 5 } },
  embedding: { operands: [[7], [9, 5]], indices: [0], attrs: embedding },
  embeddingGrad: {
    operands: [[7, 5], [7]],
    indices: [1],
    attrs: { ...embedding, numEmbeddings: 9 },
  },
  batchNorm: { ...norm, attrs: { eps: 1e-5 } },
  batchNormGrad: { ...normGrad, attrs: { eps: 1e-5 } },
  groupNorm: { ...norm, attrs: { eps: 1e-5, groups: 2 } },
  groupNormGrad: {
    operands: [x, x, row, [2, 2], [2, 2]],
    attrs: { eps: 1e-5, groups: 2 },
  },
  layerNorm: { operands: [[8, 5], [5], [5]], attrs: { eps: 1e-5, dims: 1 } },
  layerNormGrad: { operands: [[8, 5], [8, 5], [5], [8], [8]], attrs: { eps: 1e-5, dims: 1 } },
  maxPool: { operands: [x], attrs: maxPool },
  maxPoolGrad: { operands: [halves, halves], indices: [1], attrs: { inputSize } },
  avgPool: { operands: [x], attrs: avgPool },
  avgPoolGrad: { operands: [halves], attrs: { ...avgPool, inputSize } },
  adaptiveMaxPool: { operands: [x], attrs: { outputSize: [4, 4] } },
  adaptiveAvgPool: { operands: [x], attrs: { outputSize: [4, 4] } },
  adaptiveAvgPoolGrad: { operands: [halves], attrs: { outputSize: [3, 3], inputSize } },
  sgdUpdate: {
    operands: [x, x, x],
    attrs: {
      ...{ lr: 0.1, weightDecay: 0.1, momentum: 0.9, dampening: 0 },
      ...{ nesterov: true, maximize: false, first: false },
    },
  },
  adamUpdate: {
    operands: [x, x, x, x, undefined],
    attrs: {
      ...{ lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 },
      ...{ decoupled: false, maximize: false, step: 2 },
    },
  },
  rmspropUpdate: {
    operands: [x, x, x, x, x],
    attrs: { lr: 0.1, alpha: 0.9, eps: 1e-8, weightDecay: 0.1, momentum: 0.9, maximize: false },
  },
  adagradUpdate: {
    operands: [x, x, x],
    attrs: { rate: 0.1, eps: 1e-8, weightDecay: 0.1, maximize: false },
  },
  momentUpdate: {
    operands: [x, x, x, x],
    attrs: {
      ...{ beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, shrink: 1, maximize: false },
      ...{ gradRate: 0.1, averageRate: 0.1, correction: 0.5, adaptive: true },
    },
  },
};

/** The attributes of elementwise ops, whoever has them. */
const elementwiseAttrs = {
  ...{ alpha: 1, scale: 1, inputScale: 1, beta: 2, threshold: 20, value: 0 },
  ...{ negativeSlope: 0.1, min: -1, max: 1, lambd: 0.5, approximate: "none" },
};

function sampleOf(op: AnyOp): Sample {
  const sample = samples[op.name];
  if (sample !== undefined) return sample;
  if (!op.elementwise) throw new Error(`${op.name} has a kernel but no sample here`);
  return { operands: (op.inputs as readonly string[]).map(() => x), attrs: elementwiseAttrs };
}

/** The ops that a backend has kernels for although it need not. */
export const fusedOps = ({ kernels }: Pick<WebGpuBackend, "kernels">): AnyOp[] =>
  Object.keys(kernels)
    .map((name) => table.get(name))
    .filter((op): op is AnyOp => op?.kind === "fusable");

/** The same device with decompositions in place of some kernels. */
export function without(device: WebGpuBackend, names: readonly string[]): WebGpuBackend {
  const kept = Object.entries(device.kernels).filter(([name]) => !names.includes(name));
  return { ...device, kernels: Object.fromEntries(kept) as unknown as WebGpuBackend["kernels"] };
}

/** The commands of every fused kernel and of its decomposition. */
export function fusedCounts(): FusedCount[] {
  const { device, copies } = recordingBackend();
  const count = (on: WebGpuBackend, op: AnyOp): number => {
    const { operands, indices = [], attrs = {} } = sampleOf(op);
    const inputs = operands.map((shape, i) => {
      const isMask = op.unpromoted.includes(op.inputs[i] as string);
      const dtype = isMask ? "bool" : indices.includes(i) ? "int32" : "float32";
      const x = shape === undefined ? undefined : zeros(shape, { device: on, dtype });
      // A list has one tensor, or none.
      return op.inputs[i]?.startsWith("...") ? [x ?? []].flat() : x;
    });
    const before = on.counts().dispatches + copies();
    // Over the operand itself where that can be: relu_() and its like.
    const first = inputs[0] as Tensor;
    const target = overItself(op, first) ? first : undefined;
    noGrad(() => {
      if (target === undefined) dispatch(op, inputs as never, attrs as never);
      else dispatchInto(op, inputs as never, attrs as never, target);
    });
    return on.counts().dispatches + copies() - before;
  };
  return fusedOps(device).map((op) => ({
    op: op.name,
    fused: count(device, op),
    decomposed: count(without(device, [op.name]), op),
  }));
}

/** Whether the result fits where the only operand is. */
function overItself(op: AnyOp, { shape, dtype }: Tensor): boolean {
  if (!op.elementwise || op.inputs.length !== 1) return false;
  return op.infer([{ shape, dtype }] as never, elementwiseAttrs as never)[0]?.dtype === dtype;
}
