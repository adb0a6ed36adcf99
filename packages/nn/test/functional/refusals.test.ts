// What the functions refuse, and what their messages say.
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { arange, ones, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());
const { functional: F } = nn;
const image = ones([1, 2, 4, 4]);

const refusals: Record<string, [() => unknown, string]> = {
  "interpolate() both size and factor": [
    () => F.interpolate(image, { size: 2, scaleFactor: 2 }),
    "interpolate: Option size is not valid: expected either size or scaleFactor, received both",
  ],
  "interpolate() another rank": [
    () => F.interpolate(image, { size: 2, mode: "linear" }),
    'interpolate: Input has the wrong rank: expected 3 dims for mode "linear", received 4',
  ],
  "interpolate() corners of nearest": [
    () => F.interpolate(image, { size: 2, alignCorners: true }),
    'interpolate: Option alignCorners is not valid: expected none for mode "nearest", received true',
  ],
  "interpolate() a mode it does not know": [
    () => F.interpolate(image, { size: 2, mode: "cubic" as "bicubic" }),
    "interpolate: Option mode is not valid: expected",
  ],
  "interpolate() too many sizes": [
    () => F.interpolate(image, { size: [2, 2, 2] }),
    "interpolate: Option size is not valid: expected 1 or 2 numbers, received [2, 2, 2]",
  ],
  "interpolate() no element left": [
    () => F.interpolate(image, { scaleFactor: 0.1 }),
    "interpolate: Option scaleFactor is not valid: expected sizes of at least 1, received [0.1, 0.1]",
  ],
  "gridSample() another grid": [
    () => F.gridSample(image, ones([1, 2, 2, 3])),
    "gridSample: Grid does not fit: expected [N, H_out, W_out, 2]",
  ],
  "affineGrid() another theta": [
    () => F.affineGrid(ones([1, 2, 2]), [1, 1, 2, 2]),
    "affineGrid: Theta does not fit: expected [1, 2, 3] for the size [1, 1, 2, 2], received [1, 2, 2]",
  ],
  "unfold() a block that does not fit": [
    () => F.unfold(image, 5),
    "unfold: Blocks do not fit: expected at least 1, received 0 x 0 for an image of 4 x 4",
  ],
  "fold() other columns": [
    () => F.fold(ones([1, 4, 3]), [4, 4], 2),
    "fold: Columns do not fit: expected [N, a multiple of 4, 9] for an image of 4 x 4, received [1, 4, 3]",
  ],
  "maxUnpool2d() another size": [
    () => F.maxUnpool2d(image, zeros([1, 2, 4, 4]).int(), 2, { outputSize: [11, 8] }),
    "maxUnpool2d: Option outputSize is not valid: expected less than a stride from [8, 8], received [11, 8]",
  ],
  "fractionalMaxPool2d() neither size nor ratio": [
    () => F.fractionalMaxPool2d(image, 2, {}),
    "fractionalMaxPool2d: Option outputSize is not valid: expected either outputSize or outputRatio, received neither",
  ],
  "fractionalMaxPool2d() too large a size": [
    () => F.fractionalMaxPool2d(image, 2, { outputSize: 4 }),
    "fractionalMaxPool2d: Option outputSize is not valid: expected integers from 1 to 3 for dim 0, received 4",
  ],
  "rrelu() limits the wrong way": [
    () => F.rrelu(image, { lower: 1, upper: 0 }),
    "rrelu: Option upper is not valid: expected at least lower (1), received 0",
  ],
  "embeddingBag() a flat input without offsets": [
    () => F.embeddingBag(arange(3), ones([4, 2])),
    "embeddingBag: Input does not fit: expected [bags, size], or a flat input with a vector of offsets",
  ],
  "embeddingBag() weights of a mean": [
    () => F.embeddingBag(tensor([[0]]), ones([4, 2]), { perSampleWeights: ones([1, 1]) }),
    'embeddingBag: Option perSampleWeights is not valid: expected none but for mode "sum", received mode "mean"',
  ],
  "ctcLoss() a length that is too long": [
    () => F.ctcLoss(zeros([3, 1, 4]), tensor([[1, 2]]), [4], [2]),
    "ctcLoss: Argument inputLengths is not valid: expected lengths from 1 to 3, received 4",
  ],
  "ctcLoss() lengths of another batch": [
    () => F.ctcLoss(zeros([3, 1, 4]), tensor([[1, 2]]), [3], [2, 2]),
    "ctcLoss: Argument targetLengths is not valid: expected 1 lengths, received 2",
  ],
  "ctcLoss() targets that are not used up": [
    () => F.ctcLoss(zeros([3, 1, 4]), tensor([1, 2]), [3], [1]),
    "ctcLoss: Argument targetLengths is not valid: expected a sum of 2, received 1",
  ],
  "ctcLoss() a blank that is no label": [
    () => F.ctcLoss(zeros([3, 1, 4]), tensor([[1]]), [3], [1], { blank: 4 }),
    "ctcLoss: Option blank is not valid: expected a label from 0 to 3, received 4",
  ],
  "bilinear() other sizes": [
    () => F.bilinear(ones([1, 2]), ones([1, 2]), ones([1, 2, 3])),
    "bilinear: Inputs do not fit: expected [..., 2] and [..., 3], received [1, 2] and [1, 2]",
  ],
  "channelShuffle() groups that do not divide": [
    () => F.channelShuffle(image, 3),
    "channelShuffle: Channels do not divide: expected [N, a multiple of 3, ...], received [1, 2, 4, 4]",
  ],
  "rmsNorm() another shape": [
    () => F.rmsNorm(image, [3]),
    "rmsNorm: Input does not fit: expected [..., 3], received [1, 2, 4, 4]",
  ],
  "oneHot() a class beyond": [
    () => F.oneHot(tensor([0, 3]), 3),
    "oneHot: Classes do not fit: expected integers from 0 to 2, received 3",
  ],
  "pdist() no matrix": [
    () => F.pdist(ones([2])),
    "pdist: Input is not a matrix: expected [n, d], received 1 dims",
  ],
  "AdaptiveLogSoftmaxWithLoss() cutoffs that fall": [
    () => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5, 3]),
    "AdaptiveLogSoftmaxWithLoss: Argument cutoffs is not valid: expected rising integers from 1 to 9, received [5, 3]",
  ],
  "AdaptiveLogSoftmaxWithLoss() a class beyond": [
    () => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5]).forward(ones([1, 4]), tensor([10])),
    "AdaptiveLogSoftmaxWithLoss: Target is not valid: expected classes from 0 to 9, received 10",
  ],
  "Upsample() nothing": [
    () => new nn.Upsample({}).forward(image),
    "interpolate: Option size is not valid: expected either size or scaleFactor, received neither",
  ],
  "CrossMapLRN2d() another rank": [
    () => new nn.CrossMapLRN2d(2).forward(ones([2, 2])),
    "CrossMapLRN2d: Input has the wrong rank: expected [N, C, H, W], received 2 dims",
  ],
};

test.each(Object.entries(refusals))("%s is refused", (_, [call, message]) => {
  expect(call).toThrow(message);
});
