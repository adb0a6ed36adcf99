// Batch normalization, float32, over [batch, channels, size]: moments, normalization, gradient. The twins, with the formulas,
// are in src/twins/batch-norm.ts.
import {
  type BatchNormGrad,
  type ChannelShape,
  channelScale,
  type F32Slice,
  writeChannelGrads,
} from "../twins/batch-norm.ts";
import type { normalizeGrad } from "../twins/norm.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

export type { BatchNormGrad, ChannelShape, F32Slice } from "../twins/batch-norm.ts";

/** Floats staged at a time. */
const CHUNK = 8192;

const align = (floats: number): number => (floats + 15) & ~15;

/** Part of the array: some images whole, or some channels of one image, or part of one plane. */
interface Chunk {
  readonly at: number;
  readonly images: number;
  readonly channel: number;
  readonly channels: number;
  readonly size: number;
}

function* chunks({ batch, channels, size }: ChannelShape): Generator<Chunk> {
  const image = channels * size;
  if (image === 0) return;
  if (image <= CHUNK) {
    const together = Math.floor(CHUNK / image);
    for (let n = 0; n < batch; n += together) {
      const images = Math.min(together, batch - n);
      yield { at: n * image, images, channel: 0, channels, size };
    }
    return;
  }
  const planes = Math.max(1, Math.floor(CHUNK / size));
  for (let n = 0; n < batch; n++) {
    for (let channel = 0; channel < channels; channel += planes) {
      const count = Math.min(planes, channels - channel);
      for (let i = 0; i < size; i += CHUNK) {
        const at = n * image + channel * size + i;
        yield { at, images: 1, channel, channels: count, size: Math.min(CHUNK, size - i) };
      }
    }
  }
}

const floatsOf = (chunk: Chunk): number => chunk.images * chunk.channels * chunk.size;

/** Each channel's mean and biased variance over batch and size, in float64, by merging the moments of planes. */
export function momentsF32(
  mean: Float64Array,
  variance: Float64Array,
  input: Float32Array,
  inputOffset: number,
  shape: ChannelShape,
): void {
  const engine = wasmEngine();
  const { channels } = shape;
  const moments = reserve(engine, (align(channels * 6) + CHUNK + 16) * 4) >> 2;
  const staged = moments + align(channels * 6);
  const first = moments >> 1;
  engine.f64.fill(0, first, first + channels * 3);
  for (const chunk of chunks(shape)) {
    copyIn(engine, staged, input, inputOffset + chunk.at, floatsOf(chunk));
    const to = moments * 4 + chunk.channel * 24;
    engine.kernels.addMoments(to, staged * 4, chunk.images, chunk.channels, chunk.size);
  }
  const empty = shape.batch * shape.size === 0;
  for (let c = 0; c < channels; c++) {
    const count = engine.f64[first + c * 3] as number;
    mean[c] = empty ? Number.NaN : (engine.f64[first + c * 3 + 1] as number);
    variance[c] = (engine.f64[first + c * 3 + 2] as number) / count;
  }
}

/** out = input * scale + shift; `scale` and `shift` have one number a channel. */
export function scaleShiftF32(
  out: Float32Array,
  outOffset: number,
  input: Float32Array,
  inputOffset: number,
  scale: Float32Array,
  shift: Float32Array,
  shape: ChannelShape,
): void {
  const engine = wasmEngine();
  const perChannel = align(shape.channels);
  const base = reserve(engine, (perChannel * 2 + CHUNK + 16) * 4) >> 2;
  const staged = base + perChannel * 2;
  copyIn(engine, base, scale, 0, shape.channels);
  copyIn(engine, base + perChannel, shift, 0, shape.channels);
  for (const chunk of chunks(shape)) {
    const { channel, images, channels, size } = chunk;
    copyIn(engine, staged, input, inputOffset + chunk.at, floatsOf(chunk));
    const at = (base + channel) * 4;
    engine.kernels.scaleChannels(staged * 4, at, at + perChannel * 4, images, channels, size);
    copyOut(engine, staged, out, outOffset + chunk.at, floatsOf(chunk));
  }
}

/** out = (input - mean) * invStd * weight + bias with given statistics: evaluation, and the second half of training. */
export function batchNormF32(
  out: Float32Array,
  outOffset: number,
  input: Float32Array,
  inputOffset: number,
  mean: F32Slice,
  invStd: F32Slice,
  weight: F32Slice | undefined,
  bias: F32Slice | undefined,
  shape: ChannelShape,
): void {
  const scale = new Float32Array(shape.channels);
  const shift = new Float32Array(shape.channels);
  channelScale(scale, shift, mean, invStd, weight, bias);
  scaleShiftF32(out, outOffset, input, inputOffset, scale, shift, shape);
}

const gradientSums = (
  engine: Engine,
  job: BatchNormGrad,
  shape: ChannelShape,
): [total: Float64Array, dot: Float64Array] => {
  const { channels } = shape;
  const sums = reserve(engine, (align(channels * 4) + align(channels) + CHUNK * 2 + 32) * 4) >> 2;
  const mean = sums + align(channels * 4);
  const grad = mean + align(channels);
  const input = grad + CHUNK + 16;
  engine.f64.fill(0, sums >> 1, (sums >> 1) + channels * 2);
  copyIn(engine, mean, job.mean.data, job.mean.offset, channels);
  for (const chunk of chunks(shape)) {
    copyIn(engine, grad, job.gradOut.data, job.gradOut.offset + chunk.at, floatsOf(chunk));
    copyIn(engine, input, job.input.data, job.input.offset + chunk.at, floatsOf(chunk));
    engine.kernels.addGradientSums(
      sums * 4 + chunk.channel * 16,
      grad * 4,
      input * 4,
      (mean + chunk.channel) * 4,
      chunk.images,
      chunk.channels,
      chunk.size,
    );
  }
  const total = new Float64Array(channels);
  const dot = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    total[c] = engine.f64[(sums >> 1) + c * 2] as number;
    dot[c] = engine.f64[(sums >> 1) + c * 2 + 1] as number;
  }
  return [total, dot];
};

/** The gradients of batch normalization: input, weight and bias, those that `job` names. */
export function batchNormGradF32(job: BatchNormGrad, shape: ChannelShape): void {
  const engine = wasmEngine();
  const { channels } = shape;
  const { gradInput, gradOut, weight, invStd } = job;
  const scale = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const w = weight ? (weight.data[weight.offset + c] as number) : 1;
    scale[c] = (invStd.data[invStd.offset + c] as number) * w;
  }
  const sumsNeeded = job.training || job.gradWeight || job.gradBias;
  const [total, dot] = sumsNeeded
    ? gradientSums(engine, job, shape)
    : [new Float64Array(channels), new Float64Array(channels)];
  writeChannelGrads(job, total, dot);
  if (!gradInput) return;
  if (!job.training) {
    const zero = new Float32Array(channels);
    const { data, offset } = gradInput;
    scaleShiftF32(data, offset, gradOut.data, gradOut.offset, scale, zero, shape);
    return;
  }
  const count = shape.batch * shape.size;
  const terms = new Float32Array(channels * 4);
  for (let c = 0; c < channels; c++) {
    const inverse = invStd.data[invStd.offset + c] as number;
    const factor = (scale[c] as number) / count;
    terms[c * 4] = (total[c] as number) * factor;
    terms[c * 4 + 1] = job.mean.data[job.mean.offset + c] as number;
    terms[c * 4 + 2] = (dot[c] as number) * inverse * inverse * factor;
    terms[c * 4 + 3] = scale[c] as number;
  }
  applyTerms(gradInput, gradOut, job.input, terms, shape);
}

/** gradInput = gradOut scale - (input - mean) slope - shift, the four terms of each channel being shift, mean, slope, scale. */
const applyTerms = (
  gradInput: F32Slice,
  gradOut: F32Slice,
  x: F32Slice,
  terms: Float32Array,
  shape: ChannelShape,
): void => {
  const engine = wasmEngine();
  const first = reserve(engine, (align(terms.length) + CHUNK * 2 + 32) * 4) >> 2;
  const grad = first + align(terms.length);
  const input = grad + CHUNK + 16;
  copyIn(engine, first, terms, 0, terms.length);
  for (const chunk of chunks(shape)) {
    const { images, channel, channels: n, size } = chunk;
    copyIn(engine, grad, gradOut.data, gradOut.offset + chunk.at, floatsOf(chunk));
    copyIn(engine, input, x.data, x.offset + chunk.at, floatsOf(chunk));
    engine.kernels.normGradient(grad * 4, input * 4, (first + channel * 4) * 4, images, n, size);
    copyOut(engine, grad, gradInput.data, gradInput.offset + chunk.at, floatsOf(chunk));
  }
};

/** The gradients where a mean runs over several channels: group norm's. */
export const normalizeGradF32: typeof normalizeGrad = (
  dx,
  dWeight,
  dBias,
  g,
  x,
  mean,
  variance,
  weight,
  eps,
  { means, runs, length, step, cycle },
) => {
  dWeight.fill(0);
  dBias.fill(0);
  const inside = length / step;
  const shape = { batch: runs, channels: means * inside, size: step };
  const [gradOut, input] = [slice(g), slice(x)];
  const centers = Float32Array.from(
    { length: shape.channels },
    (_, c) => mean[Math.floor(c / inside)] as number,
  );
  const job = { gradOut, input, mean: slice(centers), invStd: slice(centers), training: true };
  const [total, dot] = gradientSums(wasmEngine(), job, shape);
  const terms = new Float32Array(shape.channels * 4);
  for (let s = 0; s < means; s++) {
    const inverse = 1 / Math.sqrt((variance[s] as number) + eps);
    const first = (s % cycle) * inside;
    let [sum, product] = [0, 0];
    for (let k = 0; k < inside; k++) {
      const [c, w] = [s * inside + k, first + k];
      const scale = weight === undefined ? 1 : (weight[w] as number);
      const [own, along] = [total[c] as number, (dot[c] as number) * inverse];
      sum += own * scale;
      product += along * scale;
      dBias[w] = (dBias[w] as number) + own;
      dWeight[w] = (dWeight[w] as number) + along;
      terms[c * 4 + 1] = mean[s] as number;
      terms[c * 4 + 3] = scale * inverse;
    }
    const count = length * runs;
    for (let c = s * inside; c < (s + 1) * inside; c++) {
      terms[c * 4] = (sum / count) * inverse;
      terms[c * 4 + 2] = (product / count) * inverse * inverse;
    }
  }
  applyTerms(slice(dx), gradOut, input, terms, shape);
};

const slice = (data: Float32Array | Float64Array): F32Slice => ({
  data: data as Float32Array,
  offset: 0,
});
