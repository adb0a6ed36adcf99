// The definitions of the float32 batch normalization kernels, and what runs where WebAssembly SIMD is missing.

/** A part of a float32 array, from `offset` on. */
export interface F32Slice {
  readonly data: Float32Array;
  readonly offset: number;
}

/** Sizes of a dense [batch, channels, size] array; size is height times width, or 1. */
export interface ChannelShape {
  readonly batch: number;
  readonly channels: number;
  readonly size: number;
}

/** Calls `visit(channel, position)` for every element of [batch, channels, size]. */
const eachElement = (shape: ChannelShape, visit: (channel: number, at: number) => void): void => {
  let at = 0;
  for (let n = 0; n < shape.batch; n++) {
    for (let c = 0; c < shape.channels; c++) {
      for (let i = 0; i < shape.size; i++) visit(c, at++);
    }
  }
};

const add = (sums: Float64Array, channel: number, value: number): void => {
  sums[channel] = (sums[channel] as number) + value;
};

/** Each channel's mean and biased variance over batch and size, in float64; NaN over nothing. */
export function momentsF32(
  mean: Float64Array,
  variance: Float64Array,
  input: Float32Array,
  inputOffset: number,
  shape: ChannelShape,
): void {
  const count = shape.batch * shape.size;
  mean.fill(0, 0, shape.channels);
  variance.fill(0, 0, shape.channels);
  eachElement(shape, (c, at) => add(mean, c, (input[inputOffset + at] as number) / count));
  if (count === 0) mean.fill(Number.NaN, 0, shape.channels);
  eachElement(shape, (c, at) => {
    const deviation = (input[inputOffset + at] as number) - (mean[c] as number);
    add(variance, c, (deviation * deviation) / count);
  });
  if (count === 0) variance.fill(Number.NaN, 0, shape.channels);
}

/** out = (input - mean) * invStd * weight + bias, as input * scale + shift with both rounded to float32, like PyTorch. */
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

/** out = input * scale[channel] + shift[channel], the product rounded to float32. */
export function scaleShiftF32(
  out: Float32Array,
  outOffset: number,
  input: Float32Array,
  inputOffset: number,
  scale: Float32Array,
  shift: Float32Array,
  shape: ChannelShape,
): void {
  eachElement(shape, (c, at) => {
    const scaled = Math.fround((input[inputOffset + at] as number) * (scale[c] as number));
    out[outOffset + at] = scaled + (shift[c] as number);
  });
}

/** scale = invStd * weight, shift = bias - mean * scale, in float32. */
export function channelScale(
  scale: Float32Array,
  shift: Float32Array,
  mean: F32Slice,
  invStd: F32Slice,
  weight: F32Slice | undefined,
  bias: F32Slice | undefined,
): void {
  for (let c = 0; c < scale.length; c++) {
    const w = weight ? (weight.data[weight.offset + c] as number) : 1;
    const b = bias ? (bias.data[bias.offset + c] as number) : 0;
    scale[c] = (invStd.data[invStd.offset + c] as number) * w;
    const center = Math.fround((mean.data[mean.offset + c] as number) * (scale[c] as number));
    shift[c] = b - center;
  }
}

/** What a batch normalization's gradient is computed from, and where it goes; absent targets are not computed. */
export interface BatchNormGrad {
  readonly gradInput?: F32Slice | undefined;
  readonly gradWeight?: F32Slice | undefined;
  readonly gradBias?: F32Slice | undefined;
  readonly gradOut: F32Slice;
  readonly input: F32Slice;
  /** The statistics that the forward pass used: saved ones in training, running ones otherwise. */
  readonly mean: F32Slice;
  readonly invStd: F32Slice;
  readonly weight?: F32Slice | undefined;
  /** Whether mean and invStd came from `input`, so that the gradient flows through them. */
  readonly training: boolean;
}

/** sum(g) and sum(g * (x - mean)) of each channel. */
export function gradientSums(
  job: BatchNormGrad,
  shape: ChannelShape,
): [Float64Array, Float64Array] {
  const { gradOut, input, mean } = job;
  const total = new Float64Array(shape.channels);
  const dot = new Float64Array(shape.channels);
  eachElement(shape, (c, at) => {
    const g = gradOut.data[gradOut.offset + at] as number;
    const x = input.data[input.offset + at] as number;
    add(total, c, g);
    add(dot, c, g * (x - (mean.data[mean.offset + c] as number)));
  });
  return [total, dot];
}

/** gradWeight = dot * invStd, gradBias = total. */
export function writeChannelGrads(
  job: BatchNormGrad,
  total: Float64Array,
  dot: Float64Array,
): void {
  const { gradWeight, gradBias, invStd } = job;
  for (let c = 0; c < total.length; c++) {
    const inverse = invStd.data[invStd.offset + c] as number;
    if (gradWeight) gradWeight.data[gradWeight.offset + c] = (dot[c] as number) * inverse;
    if (gradBias) gradBias.data[gradBias.offset + c] = total[c] as number;
  }
}

/**
 * gradInput = (g - mean(g) - (x - mean) * invStd^2 * mean(g * (x - mean))) * invStd * weight in training, else
 * g * invStd * weight; gradWeight = sum(g * (x - mean)) * invStd; gradBias = sum(g).
 */
export function batchNormGradF32(job: BatchNormGrad, shape: ChannelShape): void {
  const { gradInput, gradOut, input, mean, invStd, weight, training } = job;
  const [total, dot] = gradientSums(job, shape);
  writeChannelGrads(job, total, dot);
  if (!gradInput) return;
  const count = shape.batch * shape.size;
  eachElement(shape, (c, at) => {
    const inverse = invStd.data[invStd.offset + c] as number;
    let g = gradOut.data[gradOut.offset + at] as number;
    if (training) {
      const deviation =
        (input.data[input.offset + at] as number) - (mean.data[mean.offset + c] as number);
      const slope = ((dot[c] as number) * inverse * inverse) / count;
      g = g - (total[c] as number) / count - deviation * slope;
    }
    const w = weight ? (weight.data[weight.offset + c] as number) : 1;
    gradInput.data[gradInput.offset + at] = g * inverse * w;
  });
}
