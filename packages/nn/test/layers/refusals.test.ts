// What layers and losses refuse, before any work.
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { ones, setDefaultDevice, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

const refusals: [what: string, make: () => unknown, message: string][] = [
  [
    "Linear",
    () => new nn.Linear(-1, 2),
    "Linear: Argument inFeatures is not valid: expected an integer of at least 0, received -1",
  ],
  ["Linear", () => new nn.Linear(2, 1.5), "Linear: Argument outFeatures is not valid"],
  [
    "Conv2d",
    () => new nn.Conv2d(3, 4, 3, { groups: 2 }),
    "Conv2d: Option groups is not valid: expected a divisor of 3 and 4 channels, received 2",
  ],
  [
    "Conv2d",
    () => new nn.Conv2d(3, 4, [3, 3, 3]),
    "Conv2d: Argument kernelSize is not valid: expected 1 or 2 integers of at least 1, received [3, 3, 3]",
  ],
  [
    "Conv1d",
    () => new nn.Conv1d(3, 4, 0),
    "Conv1d: Argument kernelSize is not valid: expected 1 integer of at least 1, received 0",
  ],
  [
    "Conv2d",
    () => new nn.Conv2d(1, 1, 3, { padding: "same", stride: 2 }),
    'Conv2d: Option padding is not valid: expected integers where stride is not 1, received "same"',
  ],
  [
    "Conv2d",
    () => new nn.Conv2d(1, 1, 3, { padding: "full" as "same" }),
    'Conv2d: Option padding is not valid: expected integers, "same" or "valid", received full',
  ],
  [
    "Conv2d",
    () => new nn.Conv2d(1, 1, 3, { paddingMode: "mirror" as "reflect" }),
    "Conv2d: Option paddingMode is not valid",
  ],
  [
    "ConvTranspose2d",
    () => new nn.ConvTranspose2d(3, 4, 3, { groups: 3 }),
    "ConvTranspose2d: Option groups is not valid: expected a divisor of 3 and 4 channels, received 3",
  ],
  ["BatchNorm2d", () => new nn.BatchNorm2d(0), "BatchNorm2d: Argument numFeatures is not valid"],
  [
    "BatchNorm2d",
    () => new nn.BatchNorm2d(3).forward(ones([2, 3])),
    "BatchNorm2d: Input has the wrong rank: expected 4 dims, received 2\n  input  [2, 3] float32 cpu",
  ],
  [
    "BatchNorm1d",
    () => new nn.BatchNorm1d(3).forward(ones([2, 3, 1, 1])),
    "BatchNorm1d: Input has the wrong rank: expected 2 or 3 dims, received 4",
  ],
  [
    "GroupNorm",
    () => new nn.GroupNorm(2, 3),
    "GroupNorm: Argument numGroups is not valid: expected a divisor of 3 channels, received 2",
  ],
  [
    "Embedding",
    () => new nn.Embedding(3, 2, { paddingIdx: 3 }),
    "Embedding: Option paddingIdx is not valid: expected an integer from -3 to 2, received 3",
  ],
  [
    "Embedding",
    () => nn.Embedding.fromPretrained(zeros([3])),
    "Embedding: Vectors do not fit: expected [numEmbeddings, embeddingDim], received 1 dims",
  ],
  [
    "Dropout",
    () => new nn.Dropout(1.5),
    "Dropout: Option p is not valid: expected a probability from 0 to 1, received 1.5",
  ],
  [
    "Hardtanh",
    () => new nn.Hardtanh({ minVal: 1, maxVal: 0 }),
    "Hardtanh: Option maxVal is not valid: expected more than minVal (1), received 0",
  ],
  [
    "Softmax",
    () => new nn.Softmax(undefined as unknown as number),
    "Softmax: Argument dim is not valid: expected an integer, received NaN",
  ],
  [
    "Softmax2d",
    () => new nn.Softmax2d().forward(ones([2, 2])),
    "Softmax2d: Input has the wrong rank: expected 3 or 4 dims, received 2",
  ],
  [
    "ReflectionPad2d",
    () => new nn.ReflectionPad2d([1, 2, 3]),
    "ReflectionPad2d: Argument padding is not valid: expected 1 or 4 integers, received [1, 2, 3]",
  ],
  [
    "ConstantPad2d",
    () => new nn.ConstantPad2d(1, 0).forward(ones([2])),
    "ConstantPad2d: Input has the wrong rank: expected at least 2 dims, received 1",
  ],
  [
    "PixelShuffle",
    () => new nn.PixelShuffle(2).forward(ones([1, 3, 2, 2])),
    "pixelShuffle: Channels do not divide: expected a multiple of 4, received 3",
  ],
  [
    "PixelUnshuffle",
    () => new nn.PixelUnshuffle(2).forward(ones([1, 3, 2])),
    "pixelUnshuffle: Image does not divide: expected multiples of 2, received 3 x 2",
  ],
  [
    "PixelShuffle",
    () => new nn.PixelShuffle(2).forward(ones([4, 2])),
    "pixelShuffle: Input has the wrong rank: expected [..., C, H, W], received 2 dims",
  ],
  [
    "LocalResponseNorm",
    () => new nn.LocalResponseNorm(2).forward(ones([4, 2])),
    "localResponseNorm: Input has the wrong rank: expected [N, C, ...], received 2 dims",
  ],
  [
    "MultiMarginLoss",
    () => new nn.MultiMarginLoss({ p: 3 }).forward(ones([2, 2]), zeros([2], { dtype: "int32" })),
    "multiMarginLoss: Option p is not valid: expected 1 or 2, received 3",
  ],
  [
    "MultiLabelMarginLoss",
    () => new nn.MultiLabelMarginLoss().forward(ones([2, 2, 1]), ones([2, 2])),
    "multilabelMarginLoss: Input has the wrong rank: expected [N, C] or [C], received 3 dims",
  ],
  [
    "MSELoss",
    () => new nn.MSELoss({ reduction: "max" as "sum" }),
    'MSELoss: Option reduction is not valid: expected "none", "mean" or "sum", received max',
  ],
];

describe("a layer", () => {
  test.each(refusals)("%s refuses what does not fit: %#", (_, make, message) => {
    expect(make).toThrow(message);
  });

  test("Conv2d leaves channels that do not fit to the convolution's own message", () => {
    expect(() => new nn.Conv2d(4, 16, 3).forward(ones([8, 3, 32, 32]))).toThrow(
      /conv.*expected 4 input channels.*received 3/,
    );
  });
});
