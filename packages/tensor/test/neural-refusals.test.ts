// What the neural functions refuse, word for word, and the edges that they accept.
import { cpu } from "@tead/backend-cpu";
import * as tead from "@tead/tensor";
import { DTypeError, ones, ShapeError, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

const refusal = (f: () => unknown): Error => {
  try {
    f();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was refused");
};

test("conv2d() names the channels that it expected, both operands and the layout", () => {
  const error = refusal(() => tead.conv2d(ones([8, 3, 32, 32]), ones([16, 4, 3, 3])));
  expect(error).toBeInstanceOf(ShapeError);
  expect(error.message).toBe(
    [
      "conv2d: Cannot convolve input with weight: expected 4 input channels " +
        "(weight.shape[1] * groups), received 3",
      "  input   [8, 3, 32, 32] float32 cpu",
      "  weight  [16, 4, 3, 3]  float32 cpu   groups=1",
      "Hint: PyTorch layout is [N, C, H, W]; use permute(0, 3, 1, 2) for channels-last images",
    ].join("\n"),
  );
});

describe("a refusal says what was expected and what was received", () => {
  const x = (): Tensor => ones([2, 3, 8, 8]);
  const w = (): Tensor => ones([4, 3, 3, 3]);
  test.each<readonly [string, () => unknown, string]>([
    [
      "conv1d of an image",
      () => tead.conv1d(x(), ones([4, 3, 3])),
      "conv1d: Input has the wrong rank: expected [N, C, L] or [C, L], received 4 dims",
    ],
    [
      "a weight of another rank",
      () => tead.conv2d(x(), ones([4, 3, 3])),
      "conv2d: Weight has the wrong rank: expected 4 dims [C_out, C_in / groups, ...kernel], received 3",
    ],
    [
      "a bias of another size",
      () => tead.conv2d(x(), w(), ones([3])),
      "conv2d: Bias does not fit: expected shape [4], received [3]",
    ],
    [
      "a kernel larger than the image",
      () => tead.conv2d(ones([1, 3, 2, 2]), w()),
      "conv2d: Kernel does not fit into the padded input: expected at most [2, 2], received [3, 3]",
    ],
    [
      "groups that do not divide",
      () => tead.conv2d(x(), w(), undefined, { groups: 3 }),
      "conv2d: Weight does not fit: expected weight.shape[0] to be a multiple of groups 3",
    ],
    [
      "a transposed convolution's bias",
      () => tead.convTranspose2d(ones([1, 4, 2, 2]), w(), ones([4])),
      "convTranspose2d: Bias does not fit: expected shape [3], received [4]",
    ],
    [
      "a transposed convolution's channels",
      () => tead.convTranspose2d(ones([1, 3, 2, 2]), w()),
      "convTranspose2d: Cannot convolve input with weight: expected 4 input channels (weight.shape[0]), received 3",
    ],
    [
      "a window larger than the image",
      () => tead.maxPool2d(ones([1, 3, 2, 2]), 3),
      "maxPool2d: Window does not fit: expected an output of at least 1, received [0, 0]",
    ],
    [
      "an empty image",
      () => tead.avgPool2d(ones([1, 3, 0, 2]), 1),
      "avgPool2d: Input is empty: expected no size of 0 but the batch, received [1, 3, 0, 2]",
    ],
    [
      "batch normalization of one value",
      () => tead.batchNorm(ones([1, 3]), undefined, undefined, { training: true }),
      "batchNorm: Cannot normalize over one value: expected more than 1 value per channel in training",
    ],
    [
      "running statistics of another size",
      () => tead.batchNorm(x(), ones([4]), ones([4])),
      "batchNorm: Running statistics do not fit: expected shape [3], received [4]",
    ],
    [
      "a normalized shape",
      () => tead.layerNorm(ones([2, 3]), [2]),
      "layerNorm: Input does not end in the normalized shape: expected [..., 2], received [2, 3]",
    ],
    [
      "groups of channels",
      () => tead.groupNorm(x(), 2),
      "groupNorm: Channels do not split into groups: expected a multiple of 2, received 3",
    ],
    [
      "targets of another shape",
      () => tead.crossEntropy(ones([2, 3]), tensor([1, 2, 0])),
      "crossEntropy: Target does not fit: expected shape [2] for an input [N, C, ...], received [3]",
    ],
    [
      "a target that is no class",
      () => tead.crossEntropy(ones([2, 3]), tensor([1, 3])),
      "crossEntropy: Class target is out of range: expected a class from 0 to C - 1; the offending value stands at flat position 1",
    ],
    [
      "a negative target",
      () => tead.nllLoss(ones([2, 3]), tensor([-1, 2])),
      "the offending value stands at flat position 0",
    ],
    [
      "probabilities of another shape",
      () => tead.crossEntropy(ones([2, 3]), ones([2, 2])),
      "crossEntropy: Target does not fit: expected probabilities of shape [2, 3], received [2, 2]",
    ],
    [
      "binary targets of another shape",
      () => tead.binaryCrossEntropyWithLogits(ones([2]), ones([3])),
      "binaryCrossEntropyWithLogits: Target does not fit: expected shape [2], received [3]",
    ],
    [
      "a row that does not exist",
      () => tead.embedding(tensor([0, 5]), ones([5, 2])),
      "embedding: Index is out of range: expected an index within the dim's size; the offending value stands at flat position 1",
    ],
    [
      "a row from the end",
      () => tead.embedding(tensor([-1]), ones([5, 2])),
      "embedding: Index is out of range",
    ],
    [
      "an odd dim for glu()",
      () => tead.glu(ones([2, 3])),
      "glu: Dim does not split in two: expected an even size along dim 1, received [2, 3]",
    ],
    [
      "prelu()'s weight",
      () => tead.prelu(ones([2, 3]), ones([2])),
      "prelu: Weight does not fit: expected 1 element or one for each of 3 channels, received [2]",
    ],
    [
      "dropout of channels that are not there",
      () => tead.featureAlphaDropout(ones([3])),
      "featureAlphaDropout: Input has no channels: expected at least 2 dims, received [3]",
    ],
  ])("%s", (_, f, text) => {
    const error = refusal(f);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toContain(text);
  });
});

describe("an option out of range is a RangeError that names it", () => {
  const x = (): Tensor => ones([2, 3, 8, 8]);
  const w = (): Tensor => ones([4, 3, 3, 3]);
  test.each<readonly [() => unknown, string]>([
    [
      () => tead.conv2d(x(), w(), undefined, { stride: 0 }),
      "conv2d: Option stride is not valid: expected 2 integers of at least 1, received [0, 0]",
    ],
    [
      () => tead.conv2d(x(), w(), undefined, { padding: [1, 1, 1] }),
      "conv2d: Option padding is not valid: expected 2 integers of at least 0, received [1, 1, 1]",
    ],
    [
      () => tead.conv2d(x(), w(), undefined, { padding: "same", stride: 2 }),
      'conv2d: Option padding is not valid: expected integers where stride is not 1, received "same"',
    ],
    [
      () => tead.convTranspose2d(ones([1, 4, 2, 2]), w(), undefined, { outputPadding: 1 }),
      "convTranspose2d: Option outputPadding is not valid: expected less than stride or dilation (1), received 1",
    ],
    [
      () => tead.maxPool2d(x(), 3, { padding: 2 }),
      "maxPool2d: Option padding is not valid: expected at most half of kernelSize, received 2 with kernelSize 3",
    ],
    [
      () => tead.avgPool2d(x(), 2, { divisorOverride: 0 }),
      "avgPool2d: Option divisorOverride is not valid: expected an integer other than 0, received 0",
    ],
    [
      () => tead.batchNorm(x(), undefined, undefined),
      "batchNorm: No statistics: expected runningMean and runningVar, or training: true",
    ],
    [
      () => tead.crossEntropy(ones([2, 3]), tensor([1, 2]), { labelSmoothing: 1.5 }),
      "crossEntropy: Option labelSmoothing is not valid: expected a number from 0 to 1, received 1.5",
    ],
    [
      () => tead.mseLoss(x(), x(), { reduction: "average" as "mean" }),
      'mseLoss: Option reduction is not valid: expected "none", "mean" or "sum", received average',
    ],
    [
      () => tead.dropout(x(), 1.5),
      "dropout: Probability p is not valid: expected a number from 0 to 1, received 1.5",
    ],
    [
      () => tead.embedding(tensor([0]), ones([5, 2]), { paddingIdx: 5 }),
      "embedding: Option paddingIdx is not valid: expected an integer from -5 to 4, received 5",
    ],
    [
      () => tead.softshrink(x(), { lambd: -1 }),
      "softshrink: Option lambd is not valid: expected a number of at least 0, received -1",
    ],
    [
      () => tead.huberLoss(x(), x(), { delta: 0 }),
      "huberLoss: Option delta is not valid: expected a number above 0, received 0",
    ],
  ])("%#", (f, text) => {
    const error = refusal(f);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain(text);
  });
});

test("integers are refused where floats are needed", () => {
  const x = tensor([[[1, 2, 3]]]);
  const pooled = refusal(() => tead.maxPool1d(x, 2));
  expect(pooled).toBeInstanceOf(DTypeError);
  expect(pooled.message).toContain("maxPool1d: Input is not floating-point");
  expect(refusal(() => tead.gelu(x)).message).toContain(
    "gelu: Input is not floating-point: expected a float dtype, received int32",
  );
  const mixed = (): Tensor => tead.conv1d(x.float(), ones([1, 1, 2], { dtype: "float64" }));
  expect(refusal(mixed).message).toContain("conv1d: Operands have several dtypes");
});

test("half precision is rounded once: the result is that of float32, rounded", () => {
  const x = tead.linspace(-1, 1, 2 * 3 * 5 * 5).reshape([2, 3, 5, 5]);
  const w = tead.linspace(-1, 1, 4 * 3 * 9).reshape([4, 3, 3, 3]);
  for (const dtype of ["float16", "bfloat16"] as const) {
    const [a, b] = [x.to(dtype), w.to(dtype)];
    const pairs = [
      [tead.conv2d(a, b), tead.conv2d(a.float(), b.float())],
      [tead.maxPool2d(a, 2), tead.maxPool2d(a.float(), 2)],
      [tead.groupNorm(a, 3), tead.groupNorm(a.float(), 3)],
      [tead.gelu(a), tead.gelu(a.float())],
    ] as const;
    for (const [half, single] of pairs) {
      expect(half.dtype).toBe(dtype);
      expect(half.float().sub(single.to(dtype).float()).abs().amax().itemSync()).toBe(0);
    }
  }
});

test("dropout draws alike for every layout in memory, as PyTorch does", () => {
  tead.manualSeed(3);
  const straight = tead.dropout(ones([4, 3]));
  tead.manualSeed(3);
  const turned = tead.dropout(ones([3, 4]).t());
  expect(turned.tolistSync()).toEqual(straight.tolistSync());
});
