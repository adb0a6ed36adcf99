// What the convolution kernels are told: a block of words in memory that src/wasm/conv-job.ts writes. Addresses are bytes.

/** The fields stand in the order of `ConvJob` in src/wasm/conv-job.ts. */
@unmanaged
export class Job {
  images!: i32;
  groups!: i32;
  /** Channels of a group. */
  channels!: i32;
  outChannels!: i32;
  /** The source as it is, dense [images, groups * channels, depth, height, width]. */
  raw!: i32;
  depth!: i32;
  height!: i32;
  width!: i32;
  /** The source with its padding (where there is none: as it is); 0 where a task pads what it reads itself. */
  source!: i32;
  padDepth!: i32;
  padHeight!: i32;
  padWidth!: i32;
  fullHeight!: i32;
  fullWidth!: i32;
  /** Floats of a padded channel. */
  fullPlane!: i32;
  strideDepth!: i32;
  strideHeight!: i32;
  strideWidth!: i32;
  /** Kernel positions, and for each the bytes from a window's start to it: int32. */
  taps!: i32;
  tapOffsets!: i32;
  /** The output or its gradient, dense [images, groups * outChannels, outDepth, outHeight, outWidth]. */
  out!: i32;
  outDepth!: i32;
  outHeight!: i32;
  outWidth!: i32;
  /** Weights, packed as the kernel in question wants them. */
  weights!: i32;
  /** A float for each output channel, whole register tiles. */
  bias!: i32;
  /** Output positions done at a time, a multiple of 8. */
  positions!: i32;
  /** Rows (channel, tap) of the unfolded source done at a time. */
  rows!: i32;
  /** Output channels done at a time; planes of a depthwise task. */
  outBlock!: i32;
  /** Channels in a task of the input's gradient. */
  channelBlock!: i32;
  /** The gradient of the weight, or of the input. */
  gradient!: i32;
  /** Whether these images are the first of the batch. */
  first!: i32;
}

/** Output positions of one image. */
@inline
export function outPlane(job: Job): i32 {
  return job.outDepth * job.outHeight * job.outWidth;
}

/** Where the window of an output position starts, in bytes from its channel's padded start. */
@inline
export function windowStart(job: Job, position: i32): usize {
  const row = position / job.outWidth;
  const x = (position - row * job.outWidth) * job.strideWidth;
  const depth = row / job.outHeight;
  const y = (row - depth * job.outHeight) * job.strideHeight;
  return (<usize>((depth * job.strideDepth * job.fullHeight + y) * job.fullWidth + x)) << 2;
}

/** Copies `count` floats, forward. */
@inline
export function copyFloats(to: usize, from: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
  for (; i < count; i++) {
    store<f32>(to, load<f32>(from));
    to += 4;
    from += 4;
  }
}

/** Clears `count` floats: for a few a loop is quicker than the call of an instruction. */
@inline
export function clearFloats(to: usize, count: i32): void {
  if (count > 2048) {
    memory.fill(to, 0, (<usize>count) << 2);
    return;
  }
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(to + ((<usize>i) << 2), f32x4.splat(0));
  for (; i < count; i++) store<f32>(to + ((<usize>i) << 2), 0);
}

/** Plane `plane` of the source with its padding, to `to`. */
export function padPlane(job: Job, plane: i32, to: usize): void {
  let from = <usize>job.raw + ((<usize>(job.depth * job.height * job.width * plane)) << 2);
  const inner = job.fullHeight * job.fullWidth;
  clearFloats(to, job.fullPlane);
  to += (<usize>(job.padDepth * inner + job.padHeight * job.fullWidth + job.padWidth)) << 2;
  for (let z = 0; z < job.depth; z++) {
    for (let y = 0; y < job.height; y++) {
      copyFloats(to + ((<usize>(z * inner + y * job.fullWidth)) << 2), from, job.width);
      from += (<usize>job.width) << 2;
    }
  }
}
