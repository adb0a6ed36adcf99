// Convolution over three spatial dims (fewer come with sizes of 1) and its gradients: the definition
// for every rank and float dtype. A few channels at a time are unfolded over a band of positions and
// multiplied in float64, so that the memory beside the operands stays under 2 MB.
import {
  type Band,
  bandsOf,
  blocksOf,
  type ConvSizes,
  type Floats,
  fold,
  sizeOf,
  tapsOf,
  unfold,
} from "./conv-columns.ts";
import { multiplyAdd } from "./gemm.ts";

export type { ConvSizes } from "./conv-columns.ts";

/** The blocks of a size: start and length of each. */
function blocks(size: number, block: number): (readonly [start: number, length: number])[] {
  const count = Math.ceil(size / block);
  return Array.from({ length: count }, (_, i) => [i * block, Math.min(block, size - i * block)]);
}

/** Copies rows of a band between an image's output planes and a dense block; `write` says which way. */
function moveBand(
  planes: Floats,
  firstPlane: number,
  block: Float64Array,
  count: number,
  band: Band,
  { output }: ConvSizes,
  write: boolean,
): void {
  const { depth, row, endRow, column, endColumn } = band;
  let at = 0;
  for (let i = 0; i < count; i++)
    for (let y = row; y < endRow; y++) {
      let to = (((firstPlane + i) * output[0] + depth) * output[1] + y) * output[2] + column;
      for (let x = column; x < endColumn; x++, at++, to++)
        if (write) planes[to] = block[at] as number;
        else block[at] = planes[to] as number;
    }
}

/** y[n, o, i] = bias[o] + sum over c, k of x[n, c, i * s + shift(k)] * w[o, c, k] */
export function convolve(
  y: Floats,
  x: Floats,
  weight: Floats,
  bias: Floats | undefined,
  sizes: ConvSizes,
): void {
  const { batch, inChannels, outChannels, groups } = sizes;
  const [perGroup, outPerGroup] = [inChannels / groups, outChannels / groups];
  const taps = tapsOf(sizes);
  const block = blocksOf(sizes);
  const columns = new Float64Array(block.channels * taps.length * block.positions);
  const rows = new Float64Array(block.outChannels * block.channels * taps.length);
  const sums = new Float64Array(block.outChannels * block.positions);
  const bands = bandsOf(sizes.output, block.positions);
  const inBlocks = blocks(perGroup, block.channels);
  const outBlocks = blocks(outPerGroup, block.outChannels);
  for (let n = 0; n < batch; n++)
    for (let group = 0; group < groups; group++)
      for (const band of bands) {
        const size = sizeOf(band);
        for (const [o0, outs] of outBlocks) {
          const firstOut = group * outPerGroup + o0;
          for (let o = 0; o < outs; o++)
            sums.fill(bias?.[firstOut + o] ?? 0, o * size, (o + 1) * size);
          for (const [c0, channels] of inBlocks) {
            const k = channels * taps.length;
            const plane = n * inChannels + group * perGroup + c0;
            if (inBlocks.length > 1 || o0 === 0)
              unfold(columns, size, 1, x, plane, channels, taps, band, sizes);
            for (let o = 0; o < outs; o++) {
              const from = ((firstOut + o) * perGroup + c0) * taps.length;
              for (let i = 0; i < k; i++) rows[o * k + i] = weight[from + i] as number;
            }
            multiplyAdd(sums, rows, columns, outs, size, k);
          }
          moveBand(y, n * outChannels + firstOut, sums, outs, band, sizes, true);
        }
      }
}

/** dx[n, c, j] = sum over o, i, k with i * s + shift(k) = j of g[n, o, i] * w[o, c, k] */
export function convolveGradInput(dx: Floats, g: Floats, weight: Floats, sizes: ConvSizes): void {
  const { batch, inChannels, outChannels, groups } = sizes;
  const [perGroup, outPerGroup] = [inChannels / groups, outChannels / groups];
  const taps = tapsOf(sizes);
  const block = blocksOf(sizes);
  const columns = new Float64Array(block.channels * taps.length * block.positions);
  const rows = new Float64Array(block.channels * taps.length * block.outChannels);
  const grads = new Float64Array(block.outChannels * block.positions);
  const bands = bandsOf(sizes.output, block.positions);
  const outBlocks = blocks(outPerGroup, block.outChannels);
  dx.fill(0);
  for (let n = 0; n < batch; n++)
    for (let group = 0; group < groups; group++)
      for (const band of bands) {
        const size = sizeOf(band);
        for (const [c0, channels] of blocks(perGroup, block.channels)) {
          const k = channels * taps.length;
          columns.fill(0, 0, k * size);
          for (const [o0, outs] of outBlocks) {
            const firstOut = group * outPerGroup + o0;
            for (let o = 0; o < outs; o++) {
              const from = ((firstOut + o) * perGroup + c0) * taps.length;
              for (let i = 0; i < k; i++) rows[i * outs + o] = weight[from + i] as number;
            }
            moveBand(g, n * outChannels + firstOut, grads, outs, band, sizes, false);
            multiplyAdd(columns, rows, grads, k, size, outs);
          }
          const plane = n * inChannels + group * perGroup + c0;
          fold(dx, columns, plane, channels, taps, band, sizes);
        }
      }
}

/** dw[o, c, k] = sum over n, i of g[n, o, i] * x[n, c, i * s + shift(k)] */
export function convolveGradWeight(dw: Floats, x: Floats, g: Floats, sizes: ConvSizes): void {
  const { batch, inChannels, outChannels, groups } = sizes;
  const [perGroup, outPerGroup] = [inChannels / groups, outChannels / groups];
  const taps = tapsOf(sizes);
  const block = blocksOf(sizes);
  const columns = new Float64Array(block.channels * taps.length * block.positions);
  const grads = new Float64Array(block.outChannels * block.positions);
  const sums = new Float64Array(block.outChannels * block.channels * taps.length);
  const bands = bandsOf(sizes.output, block.positions);
  for (let group = 0; group < groups; group++)
    for (const [o0, outs] of blocks(outPerGroup, block.outChannels))
      for (const [c0, channels] of blocks(perGroup, block.channels)) {
        const k = channels * taps.length;
        const firstOut = group * outPerGroup + o0;
        sums.fill(0);
        for (let n = 0; n < batch; n++)
          for (const band of bands) {
            const plane = n * inChannels + group * perGroup + c0;
            unfold(columns, 1, k, x, plane, channels, taps, band, sizes);
            moveBand(g, n * outChannels + firstOut, grads, outs, band, sizes, false);
            multiplyAdd(sums, grads, columns, outs, k, sizeOf(band));
          }
        for (let o = 0; o < outs; o++) {
          const to = ((firstOut + o) * perGroup + c0) * taps.length;
          for (let i = 0; i < k; i++) dw[to + i] = sums[o * k + i] as number;
        }
      }
}
