// conv2d, float32, NCHW: forward and both gradients, without unfolding. The twins are in src/twins/conv.ts.
import * as twins from "../twins/conv.ts";
import { correlate } from "./conv-correlate.ts";
import { type Conv2dShape, forwardTaps, gradInputTaps, type Taps } from "./conv-shape.ts";
import { type Engine, wasmEngine } from "./engine.ts";
import { copyIn } from "./stage.ts";
import { winogradConv } from "./winograd.ts";
import { winogradForward, winogradGradInput } from "./winograd-choice.ts";

export type { Conv2dShape } from "./conv-shape.ts";
export { conv2dGradWeightF32 } from "./conv-weight.ts";

/** Floats of raw weights brought to scratch memory at a time, unless four rows are more. */
const PACK_FLOATS = 65536;

/** Rows of `length` floats staged at a time, a multiple of the panel's four. */
const packRows = (length: number): number => Math.max(4, Math.floor(PACK_FLOATS / length) & ~3);

/** Packs weight rows [m, c * taps] whose floats are contiguous along (c, tap). */
const packForward =
  (weight: Float32Array, offset: number, rowStride: number, taps: number) =>
  (engine: Engine, to: number, m0: number, m: number, c0: number, c: number, raw: number): void => {
    const k = c * taps;
    const together = packRows(k);
    for (let row = 0; row < m; row += together) {
      const rows = Math.min(together, m - row);
      const from = offset + (m0 + row) * rowStride + c0 * taps;
      if (k === rowStride) copyIn(engine, raw, weight, from, rows * k);
      else
        for (let i = 0; i < rows; i++) copyIn(engine, raw + i * k, weight, from + i * rowStride, k);
      engine.kernels.packPanels((to + row * k) * 4, raw * 4, k, 1, rows, k, 4);
    }
  };

/**
 * out[n, o, y, x] = bias[o] + sum over c, kh, kw of
 * input[n, c, y * stride + kh * dilation - pad, x * stride + kw * dilation - pad] weight[o, c, kh, kw], float32.
 *
 * All arrays are dense from their offsets on; `out` must not overlap the operands.
 */
export function conv2dF32(
  out: Float32Array,
  outOffset: number,
  input: Float32Array,
  inputOffset: number,
  weight: Float32Array,
  weightOffset: number,
  bias: Float32Array | undefined,
  biasOffset: number,
  shape: Conv2dShape,
): void {
  const engine = wasmEngine();
  const channels = shape.inChannels / shape.groups;
  const outChannels = shape.outChannels / shape.groups;
  const taps = forwardTaps(shape);
  const inPlane = shape.inHeight * shape.inWidth;
  const outPlane = shape.outHeight * shape.outWidth;
  const rowStride = channels * taps.count;
  if (rowStride * inPlane === 0) {
    const [o, i, w] = [outOffset, inputOffset, weightOffset];
    twins.conv2dF32(out, o, input, i, weight, w, bias, biasOffset, shape);
    return;
  }
  const winograd = winogradForward(shape);
  for (let group = 0; group < shape.groups; group++) {
    const firstRow = group * outChannels;
    if (winograd) {
      winogradConv({
        ...winograd,
        source: input,
        sourceOffset: inputOffset + group * channels * inPlane,
        sourceImage: shape.inChannels * inPlane,
        out,
        outOffset: outOffset + firstRow * outPlane,
        outImage: shape.outChannels * outPlane,
        bias,
        biasOffset: biasOffset + firstRow,
        filters: weight,
        filtersOffset: weightOffset + firstRow * rowStride,
        flipped: false,
      });
      continue;
    }
    correlate(engine, {
      taps,
      batch: shape.batch,
      source: input,
      sourceOffset: inputOffset + group * channels * inPlane,
      sourceImage: shape.inChannels * inPlane,
      channels,
      sourceHeight: shape.inHeight,
      sourceWidth: shape.inWidth,
      out,
      outOffset: outOffset + firstRow * outPlane,
      outImage: shape.outChannels * outPlane,
      outPlane,
      outRow: shape.outWidth,
      outColumn: 1,
      outChannels,
      height: shape.outHeight,
      width: shape.outWidth,
      bias,
      biasOffset: biasOffset + firstRow,
      pack: packForward(weight, weightOffset + firstRow * rowStride, rowStride, taps.count),
      packFloats: Math.max(PACK_FLOATS, 4 * taps.count),
    });
  }
}

/** Packs A[ci, (co, t)] = weight[co, ci, tap t]: the transposed weight, restricted to the given taps. */
const packTransposed =
  (weight: Float32Array, offset: number, rowStride: number, kernel: number, taps: Taps) =>
  (engine: Engine, to: number, m0: number, m: number, c0: number, c: number, raw: number): void => {
    const { count } = taps;
    const staged = raw + count;
    engine.i32.set(taps.index, raw);
    const together = packRows(kernel);
    for (let row = 0; row < m; row += together) {
      const rows = Math.min(together, m - row);
      for (let channel = 0; channel < c; channel++) {
        const from = offset + (c0 + channel) * rowStride + (m0 + row) * kernel;
        copyIn(engine, staged, weight, from, rows * kernel);
        const at = (to + row * c * count + channel * count * 4) * 4;
        engine.kernels.packTaps(at, staged * 4, rows, kernel, raw * 4, count, c * count * 16);
      }
    }
  };

/** The gradient of conv2d's input: gradInput[n, c, ...] = sum of gradOut weight over all outputs that read it. */
export function conv2dGradInputF32(
  gradInput: Float32Array,
  gradInputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  weight: Float32Array,
  weightOffset: number,
  shape: Conv2dShape,
): void {
  const engine = wasmEngine();
  const channels = shape.inChannels / shape.groups;
  const outChannels = shape.outChannels / shape.groups;
  const kernel = shape.kernelHeight * shape.kernelWidth;
  const inPlane = shape.inHeight * shape.inWidth;
  const outPlane = shape.outHeight * shape.outWidth;
  const { strideHeight, strideWidth } = shape;
  // What no output reads: phases without taps, or all of it when there is no output.
  if (strideHeight * strideWidth > 1 || kernel * outPlane * outChannels === 0) {
    gradInput.fill(0, gradInputOffset, gradInputOffset + shape.batch * shape.inChannels * inPlane);
  }
  if (outPlane * outChannels === 0) return;
  const winograd = winogradGradInput(shape);
  for (let group = 0; winograd && group < shape.groups; group++) {
    winogradConv({
      ...winograd,
      source: gradOut,
      sourceOffset: gradOutOffset + group * outChannels * outPlane,
      sourceImage: shape.outChannels * outPlane,
      out: gradInput,
      outOffset: gradInputOffset + group * channels * inPlane,
      outImage: shape.inChannels * inPlane,
      biasOffset: 0,
      filters: weight,
      filtersOffset: weightOffset + group * outChannels * channels * kernel,
      flipped: true,
    });
  }
  if (winograd) return;
  for (let phase = 0; phase < strideHeight * strideWidth; phase++) {
    const phaseColumn = phase % strideWidth;
    const phaseRow = (phase - phaseColumn) / strideWidth;
    const taps = gradInputTaps(shape, phaseRow, phaseColumn);
    if (taps.count === 0) continue;
    for (let group = 0; group < shape.groups; group++) {
      const rowStride = channels * kernel;
      const firstWeight = weightOffset + group * outChannels * rowStride;
      correlate(engine, {
        taps,
        batch: shape.batch,
        source: gradOut,
        sourceOffset: gradOutOffset + group * outChannels * outPlane,
        sourceImage: shape.outChannels * outPlane,
        channels: outChannels,
        sourceHeight: shape.outHeight,
        sourceWidth: shape.outWidth,
        out: gradInput,
        outOffset:
          gradInputOffset + group * channels * inPlane + phaseRow * shape.inWidth + phaseColumn,
        outImage: shape.inChannels * inPlane,
        outPlane: inPlane,
        outRow: strideHeight * shape.inWidth,
        outColumn: strideWidth,
        outChannels: channels,
        height: Math.ceil((shape.inHeight - phaseRow) / strideHeight),
        width: Math.ceil((shape.inWidth - phaseColumn) / strideWidth),
        biasOffset: 0,
        pack: packTransposed(weight, firstWeight, rowStride, kernel, taps),
        packFloats: taps.count + Math.max(PACK_FLOATS, 4 * kernel),
      });
    }
  }
}
