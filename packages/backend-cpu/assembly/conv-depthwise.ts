// Depthwise convolution: every output channel reads one channel. Planes are done one by one, from the padded source.
import { madd, scratch, storeLanes, sumLanes } from "./common";
import { Job, copyFloats, outPlane, windowStart } from "./conv-job";

/** Four neighbouring outputs' source values: contiguous, or every second, or every `stride`th. */
@inline
function loadStrided(from: usize, stride: i32): v128 {
  if (stride == 1) return v128.load(from);
  if (stride == 2) return v128.shuffle<f32>(v128.load(from), v128.load(from, 12), 0, 2, 5, 7);
  const step = (<usize>stride) << 2;
  let v = v128.load32_zero(from);
  v = v128.load32_lane(from + step, v, 1);
  v = v128.load32_lane(from + step * 2, v, 2);
  return v128.load32_lane(from + step * 3, v, 3);
}

/** One output row: `count` outputs whose windows start at `from`. */
@inline
function rowBy(stride: i32, job: Job, to: usize, from: usize, weight: usize, bias: v128, count: i32): void {
  const step = (<usize>stride) << 4;
  const offsets = <usize>job.tapOffsets;
  const end = offsets + ((<usize>job.taps) << 2);
  let x = 0;
  for (; x + 16 <= count; x += 16) {
    let a0 = bias, a1 = bias, a2 = bias, a3 = bias;
    let w = weight;
    for (let at = offsets; at < end; at += 4) {
      const source = from + <usize>load<u32>(at);
      const value = v128.load32_splat(w);
      a0 = madd(value, loadStrided(source, stride), a0);
      a1 = madd(value, loadStrided(source + step, stride), a1);
      a2 = madd(value, loadStrided(source + step * 2, stride), a2);
      a3 = madd(value, loadStrided(source + step * 3, stride), a3);
      w += 4;
    }
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
    to += 64;
    from += step * 4;
  }
  for (; x < count; x += 4) {
    let sum = bias;
    let w = weight;
    for (let at = offsets; at < end; at += 4) {
      sum = madd(v128.load32_splat(w), loadStrided(from + <usize>load<u32>(at), stride), sum);
      w += 4;
    }
    storeLanes(to, sum, count - x);
    to += 16;
    from += step;
  }
}

// The common strides as constants: loads are then chosen when this is compiled.
function row(job: Job, to: usize, from: usize, weight: usize, bias: v128, count: i32): void {
  if (job.strideWidth == 1) rowBy(1, job, to, from, weight, bias, count);
  else if (job.strideWidth == 2) rowBy(2, job, to, from, weight, bias, count);
  else rowBy(job.strideWidth, job, to, from, weight, bias, count);
}

/** Forward: task = (image, output channel). `job.weights` are the raw weights, `outChannels` those of a group. */
export function depthwiseForward(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const width = (<usize>job.outWidth) << 2;
  const channel = task % (job.groups * job.outChannels);
  const source = <usize>job.source + ((<usize>((task / job.outChannels) * job.fullPlane)) << 2);
  const weight = <usize>job.weights + ((<usize>(channel * job.taps)) << 2);
  const bias = v128.load32_splat(<usize>job.bias + ((<usize>channel) << 2));
  let to = <usize>job.out + ((<usize>(task * outPlane(job))) << 2);
  for (let y = 0; y < job.outDepth * job.outHeight; y++) {
    row(job, to, source + windowStart(job, y * job.outWidth), weight, bias, job.outWidth);
    to += width;
  }
}

/** The input's gradient: task = (image, channel). */
export function depthwiseGradInput(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const full = <usize>job.source + ((<usize>(task * job.fullPlane)) << 2);
  const stride = (<usize>job.strideWidth) << 2;
  memory.fill(full, 0, (<usize>job.fullPlane) << 2);
  for (let o = 0; o < job.outChannels; o++) {
    let from = <usize>job.out + ((<usize>((task * job.outChannels + o) * outPlane(job))) << 2);
    const weight = <usize>job.weights + ((<usize>(((task % job.groups) * job.outChannels + o) * job.taps)) << 2);
    for (let y = 0; y < job.outDepth * job.outHeight; y++) {
      const line = full + windowStart(job, y * job.outWidth);
      for (let tap = 0; tap < job.taps; tap++) {
        let to = line + <usize>load<u32>(<usize>job.tapOffsets + ((<usize>tap) << 2));
        const at = weight + ((<usize>tap) << 2);
        const value = v128.load32_splat(at);
        let source = from;
        let x = 0;
        if (stride == 4) {
          for (; x + 4 <= job.outWidth; x += 4) {
            v128.store(to, madd(value, v128.load(source), v128.load(to)));
            to += 16;
            source += 16;
          }
        }
        for (; x < job.outWidth; x++) {
          store<f32>(to, load<f32>(to) + load<f32>(at) * load<f32>(source));
          to += stride;
          source += 4;
        }
      }
      from += (<usize>job.outWidth) << 2;
    }
  }
  if (job.raw == job.source) return;
  let to = <usize>job.raw + ((<usize>(task * job.depth * job.height * job.width)) << 2);
  for (let z = 0; z < job.depth; z++) {
    for (let y = 0; y < job.height; y++) {
      const line = ((z + job.padDepth) * job.fullHeight + y + job.padHeight) * job.fullWidth + job.padWidth;
      copyFloats(to, full + ((<usize>line) << 2), job.width);
      to += (<usize>job.width) << 2;
    }
  }
}

/** The products of a row of the output's gradient with what one tap meets, summed in lanes. */
@inline
function dotBy(stride: i32, grad: usize, from: usize, count: i32): v128 {
  const step = (<usize>stride) << 2;
  let even = f32x4.splat(0), odd = even;
  let x = 0;
  for (; x + 8 <= count; x += 8) {
    even = madd(v128.load(grad), loadStrided(from, stride), even);
    odd = madd(v128.load(grad, 16), loadStrided(from + step * 4, stride), odd);
    grad += 32;
    from += step * 8;
  }
  for (; x < count; x++) {
    even = madd(v128.load32_zero(grad), v128.load32_zero(from), even);
    grad += 4;
    from += step;
  }
  return f32x4.add(even, odd);
}

function dot(job: Job, grad: usize, from: usize): v128 {
  if (job.strideWidth == 1) return dotBy(1, grad, from, job.outWidth);
  if (job.strideWidth == 2) return dotBy(2, grad, from, job.outWidth);
  return dotBy(job.strideWidth, grad, from, job.outWidth);
}

/** The weight's gradient: task = output channel, summed over all images. */
export function depthwiseGradWeight(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const sums = scratch;
  const channels = job.groups * job.outChannels;
  const zero = f32x4.splat(0);
  for (let tap: usize = 0; tap < <usize>job.taps; tap++) v128.store(sums + (tap << 4), zero);
  for (let image = 0; image < job.images; image++) {
    const plane = image * channels + task;
    const source = <usize>job.source + ((<usize>((plane / job.outChannels) * job.fullPlane)) << 2);
    let grad = <usize>job.out + ((<usize>(plane * outPlane(job))) << 2);
    for (let y = 0; y < job.outDepth * job.outHeight; y++) {
      const line = source + windowStart(job, y * job.outWidth);
      for (let tap: usize = 0; tap < <usize>job.taps; tap++) {
        const from = line + <usize>load<u32>(<usize>job.tapOffsets + (tap << 2));
        const at = sums + (tap << 4);
        v128.store(at, f32x4.add(v128.load(at), dot(job, grad, from)));
      }
      grad += (<usize>job.outWidth) << 2;
    }
  }
  const to = <usize>job.gradient + ((<usize>(task * job.taps)) << 2);
  for (let tap: usize = 0; tap < <usize>job.taps; tap++) {
    const sum = sumLanes(v128.load(sums + (tap << 4)));
    const at = to + (tap << 2);
    store<f32>(at, job.first != 0 ? sum : load<f32>(at) + sum);
  }
}
