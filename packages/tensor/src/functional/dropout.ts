// Dropout as functions, PyTorch's torch.nn.functional: the host draws the mask from PyTorch's
// stream, so a seed gives PyTorch's masks on every device but those that were told to draw.
import { defaultGenerator } from "../context.ts";
import { dispatch } from "../dispatch.ts";
import type { DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import type { Generator } from "../generator.ts";
import { uploaded } from "../methods/convert.ts";
import { drawnThere } from "../methods/device-draws.ts";
import { maskedScaleOp } from "../ops/dropout.ts";
import { type FloatDType, fillBernoulli, rounderOf } from "../random/index.ts";
import { formatShape, numelOf, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of `dropout` and its kin. */
export interface DropoutOptions {
  /** Whether to drop at all; true unless said, as in PyTorch's functions. */
  readonly training?: boolean;
  /** Where the mask is drawn from; the default generator unless said. */
  readonly generator?: Generator;
}

/** A factor for each element. */
const forElements = ({ shape }: Tensor): Shape => shape;

/** A factor for each channel of [N, C, ...]. */
function forChannels(op: string, input: Tensor): Shape {
  if (input.ndim < 2)
    throw new ShapeError(
      `${op}: Input has no channels: expected at least 2 dims, received ${formatShape(input.shape)}`,
    );
  return input.shape.map((size, i) => (i < 2 ? size : 1));
}

/**
 * A bool mask for `like`'s device that is true with probability 1 - p, drawn element after element as
 * the tensor prints, and what PyTorch multiplies with where it is: 1 / (1 - p), rounded to the dtype.
 * @internal
 */
export function drawKept(
  like: Tensor,
  shape: Shape,
  p: number,
  generator: Generator = defaultGenerator(),
): { readonly mask: Tensor; readonly scale: number } {
  const { device, dtype } = like;
  // Where all are dropped, PyTorch draws nothing.
  if (p === 1) return { mask: like.newZeros([], { dtype: "bool" }).expand(shape), scale: 0 };
  const there = drawnThere(device, shape, { kind: "bernoulli", p: 1 - p }, generator);
  const scale = reciprocal(1 - p, dtype);
  if (there !== undefined) return { mask: there.to("bool"), scale };
  const kept = new Uint8Array(numelOf(shape));
  fillBernoulli(kept, generator, 1 - p, device.bernoulliBlocks);
  return { mask: uploaded(device, "bool", shape, kept), scale };
}

const rounded = (x: number, dtype: DType): number => rounderOf(dtype as FloatDType)(x);

/** 1 / keep, computed in float32 at least. */
const reciprocal = (keep: number, dtype: DType): number =>
  rounded(1 / (dtype === "float64" ? keep : Math.fround(keep)), dtype);

function checkProbability(op: string, p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new RangeError(
    `${op}: Probability p is not valid: expected a number from 0 to 1, received ${p}`,
  );
}

function drop(
  op: string,
  input: Tensor,
  p: number,
  { training = true, generator = defaultGenerator() }: DropoutOptions,
  shapeOf: (input: Tensor) => Shape,
): Tensor {
  checkProbability(op, p);
  if (p === 0 || !training || input.numel() === 0) return input;
  if (p === 1) return input.mul(0);
  const { mask, scale } = drawKept(input, shapeOf(input), p, generator);
  return dispatch(maskedScaleOp, [mask, input], { scale });
}

const alphaPrime = 1.7580993408473766;

function alphaDrop(
  op: string,
  input: Tensor,
  p: number,
  { training = true, generator = defaultGenerator() }: DropoutOptions,
  shapeOf: (input: Tensor) => Shape,
): Tensor {
  checkProbability(op, p);
  if (p === 0 || !training || input.numel() === 0) return input;
  if (p === 1) return input.mul(0);
  // Dropped elements become -alpha' before the affine map that restores mean 0 and variance 1.
  const round = input.dtype === "float64" ? (x: number) => x : Math.fround;
  const a = 1 / Math.sqrt((alphaPrime * alphaPrime * p + 1) * (1 - p));
  const shift = round(alphaPrime * a * p);
  const scale = rounded(a, input.dtype);
  const { mask } = drawKept(input, shapeOf(input), p, generator);
  const [kept, dropped] = [shift, round(-round(alphaPrime * a) + shift)].map((value) =>
    input.newFull([], value),
  ) as [Tensor, Tensor];
  return dispatch(maskedScaleOp, [mask, input], { scale }).add(mask.where(kept, dropped));
}

/**
 * Zeroes each element with probability `p` and divides the others by 1 - p.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @param p - the probability of 0; 0.5 unless said
 * @throws {RangeError} where `p` is not from 0 to 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 * @category Dropout
 * @example
 * import assert from "node:assert/strict";
 * import { dropout, manualSeed, ones, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * manualSeed(0);
 * assert.deepEqual(dropout(ones([4])).tolistSync(), [0, 0, 2, 0]);
 */
export function dropout(input: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return drop("dropout", input, p, options, forElements);
}

/**
 * Zeroes whole channels of sequences `[N, C, L]` or `[C, L]` with probability `p`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout1d.html
 * @category Dropout
 */
export function dropout1d(input: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkRank("dropout1d", input, [2, 3]);
  return unbatched("dropout1d", input, p, options, 2);
}

/**
 * Zeroes whole channels of images `[N, C, H, W]` with probability `p`; an input `[N, C, L]` counts
 * as a batch of sequences, as in PyTorch.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html
 * @category Dropout
 */
export function dropout2d(input: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return unbatched("dropout2d", input, p, options, 0);
}

/**
 * Zeroes whole channels of volumes `[N, C, D, H, W]` or `[C, D, H, W]` with probability `p`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout3d.html
 * @category Dropout
 */
export function dropout3d(input: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return unbatched("dropout3d", input, p, options, 4);
}

function checkRank(op: string, { shape }: Tensor, ranks: readonly number[]): void {
  if (ranks.includes(shape.length)) return;
  throw new ShapeError(
    `${op}: Input has the wrong rank: expected ${ranks.join(" or ")} dims, received ${formatShape(shape)}`,
  );
}

/** Drops channels; an input of `rank` dims has no batch. */
function unbatched(
  op: string,
  input: Tensor,
  p: number,
  options: DropoutOptions,
  rank: number,
): Tensor {
  const single = input.ndim === rank;
  const x = single ? input.unsqueeze(0) : input;
  const y = drop(op, x, p, options, (t) => forChannels(op, t));
  return single ? y.squeeze(0) : y;
}

/**
 * Dropout for SELU networks: keeps mean 0 and variance 1.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @throws {RangeError} where `p` is not from 0 to 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
 * @category Dropout
 */
export function alphaDropout(input: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return alphaDrop("alphaDropout", input, p, options, forElements);
}

/**
 * `alphaDropout` of whole channels of `[N, C, ...]`.
 *
 * @throws {RangeError} where `p` is not from 0 to 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.feature_alpha_dropout.html
 * @category Dropout
 */
export function featureAlphaDropout(input: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return alphaDrop("featureAlphaDropout", input, p, options, (t) =>
    forChannels("featureAlphaDropout", t),
  );
}
