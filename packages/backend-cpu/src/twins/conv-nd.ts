// Convolution over three spatial dims (fewer come with sizes of 1) and its gradients: the definition
// for every rank and float dtype. Sums run in float64 over bands of rows, tap by tap. Nothing is
// unfolded: beside the operands there is one band.

type Floats = Float32Array | Float64Array;
type Triple = readonly [depth: number, height: number, width: number];

/** Sizes and options, all spatial ones as [depth, height, width]. */
export interface ConvSizes {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly input: Triple;
  readonly output: Triple;
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly dilation: Triple;
}

/** One position of the kernel: output i meets input i * stride + shift, for first <= i < end. */
interface Tap {
  readonly shift: Triple;
  readonly first: Triple;
  readonly end: Triple;
}

/** Sums held at a time: 256 kB. */
const BAND = 32768;
const volume = ([d, h, w]: Triple): number => d * h * w;
const each = (f: (dim: 0 | 1 | 2) => number): Triple => [f(0), f(1), f(2)];

/** Every tap, in the order of the weight. */
function tapsOf({ input, output, kernel, stride, padding, dilation }: ConvSizes): Tap[] {
  const taps: Tap[] = [];
  for (let kd = 0; kd < kernel[0]; kd++)
    for (let kh = 0; kh < kernel[1]; kh++)
      for (let kw = 0; kw < kernel[2]; kw++) {
        const at = [kd, kh, kw] as const;
        const shift = each((i) => at[i] * dilation[i] - padding[i]);
        const first = each((i) => Math.max(0, Math.ceil(-shift[i] / stride[i])));
        const end = each((i) => Math.min(output[i], Math.ceil((input[i] - shift[i]) / stride[i])));
        taps.push({ shift, first, end });
      }
  return taps;
}

/** Calls `visit` for bands of rows of one volume. */
function eachBand(size: Triple, visit: (depth: number, row: number, endRow: number) => void): void {
  const rows = Math.max(1, Math.floor(BAND / Math.max(1, size[2])));
  for (let depth = 0; depth < size[0]; depth++)
    for (let row = 0; row < size[1]; row += rows) visit(depth, row, Math.min(row + rows, size[1]));
}

const bandSums = (size: Triple): Float64Array =>
  new Float64Array(Math.min(Math.max(BAND, size[2]), size[1] * size[2]));

/** sums[at + i * step] += factor * x[from + i * stride] */
function addScaled(
  sums: Float64Array,
  at: number,
  step: number,
  x: Floats,
  from: number,
  stride: number,
  count: number,
  factor: number,
): void {
  if (step === 1 && stride === 1)
    for (let i = 0; i < count; i++)
      sums[at + i] = (sums[at + i] as number) + factor * (x[from + i] as number);
  else
    for (let i = 0, j = at, k = from; i < count; i++, j += step, k += stride)
      sums[j] = (sums[j] as number) + factor * (x[k] as number);
}

/** The sum of a[from + i] * b[start + i * stride] */
function dot(
  a: Floats,
  from: number,
  b: Floats,
  start: number,
  stride: number,
  count: number,
): number {
  let [even, odd] = [0, 0];
  let [i, j] = [0, start];
  for (; i + 1 < count; i += 2, j += 2 * stride) {
    even += (a[from + i] as number) * (b[j] as number);
    odd += (a[from + i + 1] as number) * (b[j + stride] as number);
  }
  return i < count ? even + odd + (a[from + i] as number) * (b[j] as number) : even + odd;
}

/** y[n, o, i] = bias[o] + sum over c, k of x[n, c, i * s + shift(k)] * w[o, c, k] */
export function convolve(
  y: Floats,
  x: Floats,
  weight: Floats,
  bias: Floats | undefined,
  sizes: ConvSizes,
): void {
  const { batch, inChannels, outChannels, groups, input, output, stride } = sizes;
  const perGroup = inChannels / groups;
  const taps = tapsOf(sizes);
  const sums = bandSums(output);
  const width = output[2];
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outChannels; o++) {
      const firstChannel = n * inChannels + Math.floor((o * groups) / outChannels) * perGroup;
      eachBand(output, (depth, row, endRow) => {
        const count = (endRow - row) * width;
        sums.fill(bias === undefined ? 0 : (bias[o] as number), 0, count);
        for (let c = 0; c < perGroup; c++)
          for (let t = 0; t < taps.length; t++) {
            const { shift, first, end } = taps[t] as Tap;
            if (depth < first[0] || depth >= end[0]) continue;
            const factor = weight[(o * perGroup + c) * taps.length + t] as number;
            const plane = (firstChannel + c) * input[0] + depth * stride[0] + shift[0];
            const column = first[2] * stride[2] + shift[2];
            const last = Math.min(end[1], endRow);
            for (let i = Math.max(first[1], row); i < last; i++) {
              const from = (plane * input[1] + i * stride[1] + shift[1]) * input[2] + column;
              const at = (i - row) * width + first[2];
              addScaled(sums, at, 1, x, from, stride[2], end[2] - first[2], factor);
            }
          }
        const to = (((n * outChannels + o) * output[0] + depth) * output[1] + row) * width;
        for (let i = 0; i < count; i++) y[to + i] = sums[i] as number;
      });
    }
}

/** dx[n, c, j] = sum over o, i, k with i * s + shift(k) = j of g[n, o, i] * w[o, c, k] */
export function convolveGradInput(dx: Floats, g: Floats, weight: Floats, sizes: ConvSizes): void {
  const { batch, inChannels, outChannels, groups, input, output, stride } = sizes;
  const [perGroup, outPerGroup] = [inChannels / groups, outChannels / groups];
  const taps = tapsOf(sizes);
  const sums = bandSums(input);
  const width = input[2];
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < inChannels; c++) {
      const group = Math.floor(c / perGroup);
      eachBand(input, (depth, row, endRow) => {
        const count = (endRow - row) * width;
        sums.fill(0, 0, count);
        for (let o = group * outPerGroup; o < (group + 1) * outPerGroup; o++)
          for (let t = 0; t < taps.length; t++) {
            const { shift, first, end } = taps[t] as Tap;
            const d = (depth - shift[0]) / stride[0];
            if (d < first[0] || d >= end[0] || d % 1 !== 0) continue;
            const at = (o * perGroup + c - group * perGroup) * taps.length + t;
            const factor = weight[at] as number;
            const plane = (n * outChannels + o) * output[0] + d;
            const column = first[2] * stride[2] + shift[2];
            const start = Math.max(first[1], Math.ceil((row - shift[1]) / stride[1]));
            const last = Math.min(end[1], Math.ceil((endRow - shift[1]) / stride[1]));
            for (let i = start; i < last; i++) {
              const to = (i * stride[1] + shift[1] - row) * width + column;
              const from = (plane * output[1] + i) * output[2] + first[2];
              addScaled(sums, to, stride[2], g, from, 1, end[2] - first[2], factor);
            }
          }
        const to = (((n * inChannels + c) * input[0] + depth) * input[1] + row) * width;
        for (let i = 0; i < count; i++) dx[to + i] = sums[i] as number;
      });
    }
}

/** dw[o, c, k] = sum over n, i of g[n, o, i] * x[n, c, i * s + shift(k)] */
export function convolveGradWeight(dw: Floats, x: Floats, g: Floats, sizes: ConvSizes): void {
  const { batch, inChannels, outChannels, groups, input, output, stride } = sizes;
  const perGroup = inChannels / groups;
  const taps = tapsOf(sizes);
  for (let o = 0; o < outChannels; o++) {
    const firstChannel = Math.floor((o * groups) / outChannels) * perGroup;
    for (let c = 0; c < perGroup; c++)
      for (let t = 0; t < taps.length; t++) {
        const { shift, first, end } = taps[t] as Tap;
        const column = first[2] * stride[2] + shift[2];
        let sum = 0;
        for (let n = 0; n < batch; n++)
          for (let d = first[0]; d < end[0]; d++) {
            const out = (n * outChannels + o) * output[0] + d;
            const plane = (n * inChannels + firstChannel + c) * input[0] + d * stride[0] + shift[0];
            for (let i = first[1]; i < end[1]; i++) {
              const at = (out * output[1] + i) * output[2] + first[2];
              const from = (plane * input[1] + i * stride[1] + shift[1]) * input[2] + column;
              sum += dot(g, at, x, from, stride[2], end[2] - first[2]);
            }
          }
        dw[(o * perGroup + c) * taps.length + t] = sum;
      }
  }
}

/** Whether the two dims of `sizes` are enough: what the SIMD kernels take. */
export const isPlanar = ({ input, kernel, output }: ConvSizes): boolean =>
  volume([input[0], kernel[0], output[0]]) === 1;
