// First and second derivatives of the neural ops by finite differences, in float64.
import { gradcheck, gradgradcheck } from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import * as tead from "@tead/tensor";
import { type Backend, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { referenceKernels } from "@tead/tensor/kernel-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The CPU with primitives only: everything else decomposes. */
const plain: Backend = { ...cpu(), name: "plain", kernels: referenceKernels() };

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

/** Distinct values between -2 and 2, away from the kinks at whole and half numbers. */
function leaf(device: Backend, shape: readonly number[], phase = 0, positive = false): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: count }, (_, i) => {
    const spread = ((i * 7 + phase * 3) % 23) / 6 - 1.9 + 0.013 * (i % 5);
    return positive ? 0.05 + Math.abs(spread) / 2.2 : spread;
  });
  return tensor(values, { shape, dtype: "float64", device, requiresGrad: true });
}

type Sample = readonly [
  name: string,
  fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  shapes: readonly (readonly number[])[],
];
const targets = (device: Backend): Tensor => tensor([2, 0, 1], { device });

const samples: readonly Sample[] = [
  ["conv1d", (x, w, b) => tead.conv1d(x, w, b, { padding: 1 }), [[2, 2, 4], [2, 2, 3], [2]]],
  [
    "conv2d, strided, dilated, grouped",
    (x, w, b) =>
      tead.conv2d(x, w, b, { stride: [2, 1], padding: [0, 1], dilation: [1, 2], groups: 2 }),
    [[1, 2, 4, 4], [2, 1, 2, 2], [2]],
  ],
  [
    "conv3d",
    (x, w) => tead.conv3d(x, w),
    [
      [1, 1, 2, 3, 2],
      [2, 1, 2, 2, 1],
    ],
  ],
  [
    "convTranspose2d",
    (x, w, b) => tead.convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
    [[1, 2, 2, 2], [2, 1, 2, 3], [1]],
  ],
  ["maxPool2d", (x) => tead.maxPool2d(x, 2, { stride: 1, padding: 1 }), [[1, 2, 3, 3]]],
  [
    "avgPool2d",
    (x) => tead.avgPool2d(x, 2, { stride: 2, ceilMode: true, padding: 1, countIncludePad: false }),
    [[1, 2, 3, 3]],
  ],
  ["adaptiveAvgPool2d", (x) => tead.adaptiveAvgPool2d(x, [2, 3]), [[1, 2, 3, 4]]],
  ["adaptiveMaxPool1d", (x) => tead.adaptiveMaxPool1d(x, 2), [[1, 2, 5]]],
  [
    "batchNorm",
    (x, weight, bias) =>
      tead.batchNorm(x, undefined, undefined, { weight, bias, training: true, eps: 0.1 }),
    [[3, 2, 2], [2], [2]],
  ],
  [
    "batchNorm with its statistics",
    (x, w, b) => tead.dispatch(tead.ops.batchNormOp, [x, w, b], { eps: 0.1 }),
    [[3, 2, 2], [2], [2]],
  ],
  [
    "layerNorm",
    (x, weight, bias) => tead.layerNorm(x, [2, 2], { weight, bias, eps: 0.1 }),
    [
      [3, 2, 2],
      [2, 2],
      [2, 2],
    ],
  ],
  [
    "groupNorm",
    (x, weight, bias) => tead.groupNorm(x, 2, { weight, bias, eps: 0.1 }),
    [[2, 4, 2], [4], [4]],
  ],
  ["instanceNorm", (x) => tead.instanceNorm(x, { eps: 0.1 }), [[2, 2, 3]]],
  [
    "crossEntropy",
    (x) => tead.crossEntropy(x, targets(x.device), { labelSmoothing: 0.2 }),
    [[3, 3]],
  ],
  [
    "nllLoss, weighted, each",
    (x, w) =>
      tead.nllLoss(x, targets(x.device), { weight: w.detach(), reduction: "none", ignoreIndex: 1 }),
    [[3, 3], [3]],
  ],
  [
    "mseLoss",
    (x, t) => tead.mseLoss(x, t),
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    "smoothL1Loss",
    (x, t) => tead.smoothL1Loss(x, t),
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    "huberLoss",
    (x, t) => tead.huberLoss(x, t, { delta: 0.7 }),
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    "binaryCrossEntropyWithLogits",
    (x, t, p) => tead.binaryCrossEntropyWithLogits(x, t, { posWeight: p }),
    [[2, 3], [2, 3], [3]],
  ],
  [
    "binaryCrossEntropy",
    (x, t) => tead.binaryCrossEntropy(x.sigmoid(), t),
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    "klDiv",
    (x, t) => tead.klDiv(x, t, { logTarget: true }),
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    "embedding",
    (w) =>
      tead.embedding(
        tensor(
          [
            [1, 2],
            [1, 0],
          ],
          { device: w.device },
        ),
        w,
        { paddingIdx: 3 },
      ),
    [[4, 2]],
  ],
  ["relu", (x) => x.relu(), [[7]]],
  ["sigmoid", (x) => x.sigmoid(), [[7]]],
  ["tanh", (x) => x.tanh(), [[7]]],
  ["gelu", (x) => tead.gelu(x), [[7]]],
  ["gelu, approximate", (x) => tead.gelu(x, { approximate: "tanh" }), [[7]]],
  ["silu", (x) => tead.silu(x), [[7]]],
  ["mish", (x) => tead.mish(x), [[7]]],
  ["logsigmoid", (x) => tead.logsigmoid(x), [[7]]],
  ["softplus", (x) => tead.softplus(x, { beta: 2, threshold: 3 }), [[7]]],
  ["leakyRelu", (x) => tead.leakyRelu(x), [[7]]],
  ["elu", (x) => tead.elu(x, { alpha: 1.3 }), [[7]]],
  ["selu", (x) => tead.selu(x), [[7]]],
  ["celu", (x) => tead.celu(x, { alpha: 0.7 }), [[7]]],
  ["hardtanh", (x) => tead.hardtanh(x), [[7]]],
  ["hardswish", (x) => tead.hardswish(x.mul(2)), [[7]]],
  ["hardsigmoid", (x) => tead.hardsigmoid(x.mul(2)), [[7]]],
  ["hardshrink", (x) => tead.hardshrink(x), [[7]]],
  ["softshrink", (x) => tead.softshrink(x), [[7]]],
  ["threshold", (x) => tead.threshold(x, 0.4, 9), [[7]]],
  ["softsign", (x) => tead.softsign(x), [[7]]],
  ["tanhshrink", (x) => tead.tanhshrink(x), [[7]]],
  ["glu", (x) => tead.glu(x), [[2, 4]]],
  ["prelu", (x, w) => tead.prelu(x, w), [[2, 3, 2], [3]]],
];

const devices = [
  ["the CPU's kernels", cpu()],
  ["the decompositions", plain],
] as const;
describe.each(devices)("on %s", (_, device) => {
  test.each(samples)("%s has right first and second derivatives", (name, fn, shapes) => {
    const positive = name.startsWith("klDiv");
    const inputs = shapes.map((shape, i) => leaf(device, shape, i + 1, positive && i === 1));
    // Where an input gets no gradient, it is no leaf to check.
    const checked = name.startsWith("nllLoss") ? [inputs[0] as Tensor] : inputs;
    const run = (...given: Tensor[]) => fn(...given, ...inputs.slice(given.length));
    expect(gradcheck(run, checked)).toBe(true);
    expect(gradgradcheck(run, checked)).toBe(true);
  });
});
