// Depthwise convolution: every output channel reads one channel. Planes are done one by one, from the padded source.
import { madd, scratch, storeLanes, sumLanes } from "./common";
import { Job, clearFloats, copyFloats, outPlane, padPlane, windowStart } from "./conv-job";

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

/** Whether the kernel is a 3x3 whose columns are neighbours: then the bytes from its first row to its second, else 0. */
function rowStep(job: Job): usize {
  if (job.taps != 9 || job.strideWidth != 1) return 0;
  const offsets = <usize>job.tapOffsets;
  const step = load<u32>(offsets, 12);
  for (let tap: usize = 0; tap < 9; tap++) {
    if (load<u32>(offsets + (tap << 2)) != step * <u32>(tap / 3) + <u32>((tap % 3) << 2)) return 0;
  }
  return <usize>step;
}

/** `row()` for such a kernel: its nine numbers stay in registers. Whole vectors: up to 15 floats too many are written. */
function row9(to: usize, from: usize, step: usize, weight: usize, bias: v128, count: i32): void {
  const w0 = v128.load32_splat(weight), w1 = v128.load32_splat(weight, 4), w2 = v128.load32_splat(weight, 8);
  const w3 = v128.load32_splat(weight, 12), w4 = v128.load32_splat(weight, 16), w5 = v128.load32_splat(weight, 20);
  const w6 = v128.load32_splat(weight, 24), w7 = v128.load32_splat(weight, 28), w8 = v128.load32_splat(weight, 32);
  for (let x = 0; x < count; x += 16) {
    let a = madd(w0, v128.load(from), bias), b = madd(w0, v128.load(from, 16), bias);
    let c = madd(w0, v128.load(from, 32), bias), d = madd(w0, v128.load(from, 48), bias);
    a = madd(w1, v128.load(from, 4), a); b = madd(w1, v128.load(from, 20), b);
    c = madd(w1, v128.load(from, 36), c); d = madd(w1, v128.load(from, 52), d);
    a = madd(w2, v128.load(from, 8), a); b = madd(w2, v128.load(from, 24), b);
    c = madd(w2, v128.load(from, 40), c); d = madd(w2, v128.load(from, 56), d);
    let at = from + step;
    a = madd(w3, v128.load(at), a); b = madd(w3, v128.load(at, 16), b);
    c = madd(w3, v128.load(at, 32), c); d = madd(w3, v128.load(at, 48), d);
    a = madd(w4, v128.load(at, 4), a); b = madd(w4, v128.load(at, 20), b);
    c = madd(w4, v128.load(at, 36), c); d = madd(w4, v128.load(at, 52), d);
    a = madd(w5, v128.load(at, 8), a); b = madd(w5, v128.load(at, 24), b);
    c = madd(w5, v128.load(at, 40), c); d = madd(w5, v128.load(at, 56), d);
    at += step;
    a = madd(w6, v128.load(at), a); b = madd(w6, v128.load(at, 16), b);
    c = madd(w6, v128.load(at, 32), c); d = madd(w6, v128.load(at, 48), d);
    a = madd(w7, v128.load(at, 4), a); b = madd(w7, v128.load(at, 20), b);
    c = madd(w7, v128.load(at, 36), c); d = madd(w7, v128.load(at, 52), d);
    a = madd(w8, v128.load(at, 8), a); b = madd(w8, v128.load(at, 24), b);
    c = madd(w8, v128.load(at, 40), c); d = madd(w8, v128.load(at, 56), d);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
    to += 64;
    from += 64;
  }
}

/**
 * With steps of one, a plane's outputs as one long row: those that start in the padding at a line's end are computed too, and
 * left out when lines are copied from `flat`, which is free for use.
 */
function planeAsRow(job: Job, to: usize, source: usize, flat: usize, weight: usize, bias: v128): void {
  const width = (<usize>job.outWidth) << 2;
  const last = windowStart(job, outPlane(job) - 1);
  const count = <i32>(last >> 2) + 1;
  const step = rowStep(job);
  if (step != 0) row9(flat, source, step, weight, bias, count);
  else row(job, flat, source, weight, bias, count);
  for (let y = 0; y < job.outDepth * job.outHeight; y++) {
    copyFloats(to, flat + windowStart(job, y * job.outWidth), job.outWidth);
    to += width;
  }
}

/**
 * Forward: task = `outBlock` planes (image, output channel). `job.weights` are the raw weights, `outChannels` those of a
 * group. Lines are joined where `job.rows` says so: the padded plane and its outputs then fit in scratch memory.
 */
export function depthwiseForward(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const width = (<usize>job.outWidth) << 2;
  const end = min((task + 1) * job.outBlock, job.images * job.groups * job.outChannels);
  for (let plane = task * job.outBlock; plane < end; plane++) {
    const channel = plane % (job.groups * job.outChannels);
    let source = <usize>job.source + ((<usize>((plane / job.outChannels) * job.fullPlane)) << 2);
    if (job.source == 0) {
      source = scratch;
      padPlane(job, plane / job.outChannels, source);
    }
    const weight = <usize>job.weights + ((<usize>(channel * job.taps)) << 2);
    const bias = v128.load32_splat(<usize>job.bias + ((<usize>channel) << 2));
    let to = <usize>job.out + ((<usize>(plane * outPlane(job))) << 2);
    if (job.rows != 0) planeAsRow(job, to, source, scratch + ((<usize>(job.fullPlane + 32)) << 2), weight, bias);
    else {
      for (let y = 0; y < job.outDepth * job.outHeight; y++) {
        row(job, to, source + windowStart(job, y * job.outWidth), weight, bias, job.outWidth);
        to += width;
      }
    }
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
        if (stride == 8) {
          // Every second place: between them 0 is added, up to the place of the next output, which is in this line too.
          const zero = f32x4.splat(0);
          for (; x + 4 < job.outWidth; x += 4) {
            const product = f32x4.mul(value, v128.load(source));
            v128.store(to, f32x4.add(v128.load(to), v128.shuffle<f32>(product, zero, 0, 4, 1, 5)));
            v128.store(to, f32x4.add(v128.load(to, 16), v128.shuffle<f32>(product, zero, 2, 4, 3, 5)), 16);
            to += 32;
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
  if (x + 4 <= count) {
    even = madd(v128.load(grad), loadStrided(from, stride), even);
    grad += 16;
    from += step * 4;
    x += 4;
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

/** With steps of one: the lines of a plane's gradient with zeros between them meet the source as one long line. */
function sumJoined(job: Job, sums: usize, grad: usize, source: usize): void {
  const lines = sums + ((<usize>job.taps) << 4);
  const count = <i32>(windowStart(job, outPlane(job) - 1) >> 2) + 1;
  clearFloats(lines, count);
  for (let y = 0; y < job.outDepth * job.outHeight; y++) {
    copyFloats(lines + windowStart(job, y * job.outWidth), grad, job.outWidth);
    grad += (<usize>job.outWidth) << 2;
  }
  for (let tap: usize = 0; tap < <usize>job.taps; tap++) {
    const at = sums + (tap << 4);
    const from = source + <usize>load<u32>(<usize>job.tapOffsets + (tap << 2));
    v128.store(at, f32x4.add(v128.load(at), dotBy(1, lines, from, count)));
  }
}

/** The weight's gradient: task = output channel, summed over all images. Lines are joined where `job.rows` says so. */
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
    if (job.rows != 0) {
      sumJoined(job, sums, grad, source);
      continue;
    }
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
