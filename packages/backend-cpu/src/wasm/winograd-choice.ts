// When Winograd's method is used: the switch, and a model of what both methods cost. All numbers are clock cycles of one
// core at four-wide SIMD, fitted to measurements (docs/decisions/0009-winograd.md).
import { type ConvSizes, isPlanar } from "../twins/conv-columns.ts";
import { planWinograd } from "./winograd.ts";
import { lineSize, tileColumns, tileRows, type WinogradSizes } from "./winograd-job.ts";
import { planWinogradWeight } from "./winograd-weight.ts";

let enabled = true;

/**
 * Whether convolutions may use Winograd's method, which they do unless told otherwise: four to six times fewer multiplications for
 * 3x3 and 5x5 kernels with stride 1, at an error of up to 5e-6 (3x3) or 3e-5 (5x5) of the largest output; computed directly it is
 * 1e-6. A NaN or an infinity in the input then reaches all outputs of the 4 x 4 tiles that read it.
 * @example
 * import assert from "node:assert/strict";
 * import { isWinogradEnabled } from "@tead/backend-cpu";
 * assert.equal(isWinogradEnabled(), true);
 */
export function isWinogradEnabled(): boolean {
  return enabled;
}

/**
 * Turns Winograd's method for convolutions on or off, for the whole program.
 * @param on - false: every convolution is computed directly, slower and to the last bits of float32
 * @see https://arxiv.org/abs/1509.09308
 * @example
 * import assert from "node:assert/strict";
 * import { isWinogradEnabled, setWinogradEnabled } from "@tead/backend-cpu";
 * setWinogradEnabled(false);
 * assert.equal(isWinogradEnabled(), false);
 * setWinogradEnabled(true);
 */
export function setWinogradEnabled(on: boolean): void {
  enabled = on;
}

/** What transforms cost for a tile of four channels, and for the kernels of four pairs of channels. */
interface Transforms {
  readonly source: number;
  readonly result: number;
  readonly filter: number;
}
const TRANSFORMS: Readonly<Record<number, Transforms>> = {
  3: { source: 180, result: 150, filter: 70 },
  5: { source: 330, result: 230, filter: 200 },
};
/** Multiply-adds a cycle. */
const DIRECT_RATE = 6.5;
const WINOGRAD_RATE = 7;
/** Calls of fewer multiply-adds are computed directly: laying out a job would cost more. */
const SMALL = 100_000;

/** Whether the shape is one that Winograd's method is written for; then its sizes, as a forward convolution of one group. */
function sizesOf(conv: ConvSizes): WinogradSizes | undefined {
  const { kernel, stride, dilation, padding, input, output, groups } = conv;
  const taps = kernel[2];
  if (!isPlanar(conv) || kernel[1] !== taps || (taps !== 3 && taps !== 5)) return undefined;
  if (stride[1] * stride[2] * dilation[1] * dilation[2] !== 1) return undefined;
  return {
    ...{ taps, batch: conv.batch, channels: conv.inChannels / groups },
    ...{ height: input[1], width: input[2], top: padding[1], left: padding[2] },
    ...{ outChannels: conv.outChannels / groups, outHeight: output[1], outWidth: output[2] },
  };
}

const vectors = (channels: number): number => Math.ceil(channels / 4);

/** Whether the method's cost is below the direct one's. */
function pays(sizes: WinogradSizes): boolean {
  const { taps, batch, channels, outChannels, outHeight, outWidth } = sizes;
  const products = batch * channels * outChannels * outHeight * outWidth * taps * taps;
  if (!enabled || products < SMALL) return false;
  const { source, result, filter } = TRANSFORMS[taps] as Transforms;
  const [inputs, outputs] = [vectors(channels), vectors(outChannels)];
  const multiply = (lineSize(taps) ** 2 * inputs * Math.ceil(outputs / 2) * 32) / WINOGRAD_RATE;
  const tile = multiply + inputs * source + outputs * result;
  const tiles = batch * tileRows(sizes) * tileColumns(sizes);
  return tiles * tile + channels * outputs * filter < products / DIRECT_RATE;
}

/** The sizes for `winogradConv` if it should compute this forward convolution. */
export function winogradForward(conv: ConvSizes): WinogradSizes | undefined {
  const sizes = sizesOf(conv);
  return sizes && pays(sizes) && planWinograd(sizes) ? sizes : undefined;
}

/** The sizes for `winogradConv` if it should compute this input gradient: the output's gradient is its source. */
export function winogradGradInput(conv: ConvSizes): WinogradSizes | undefined {
  const forward = sizesOf(conv);
  if (!forward) return undefined;
  const sizes: WinogradSizes = {
    taps: forward.taps,
    batch: forward.batch,
    channels: forward.outChannels,
    height: forward.outHeight,
    width: forward.outWidth,
    top: forward.taps - 1 - forward.top,
    left: forward.taps - 1 - forward.left,
    outChannels: forward.channels,
    outHeight: forward.height,
    outWidth: forward.width,
  };
  return pays(sizes) && planWinograd(sizes) ? sizes : undefined;
}

/** The sizes for `winogradWeight` if it should compute this weight gradient. */
export function winogradGradWeight(conv: ConvSizes): WinogradSizes | undefined {
  const sizes = sizesOf(conv);
  return sizes && pays(sizes) && planWinogradWeight(sizes) ? sizes : undefined;
}
