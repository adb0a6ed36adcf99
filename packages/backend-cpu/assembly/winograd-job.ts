// What the Winograd kernels are told: a block of words in memory that src/wasm/winograd-job.ts writes. Addresses are bytes.

/** The fields stand in the order of `WinogradJob` in src/wasm/winograd-job.ts. */
@unmanaged
export class Job {
  /** Vectors in a transformed line: 6 for 3x3 kernels, 8 for 5x5. */
  size!: i32;
  /** Width of the kernel. */
  taps!: i32;
  /** The images to be convolved, dense [images, channels, height, width], with zeros for `top` rows and `left` columns before. */
  source!: i32;
  channels!: i32;
  height!: i32;
  width!: i32;
  top!: i32;
  left!: i32;
  images!: i32;
  /** The output, or for the weight's gradient the output's gradient: dense [images, outChannels, outHeight, outWidth]. */
  out!: i32;
  outChannels!: i32;
  outHeight!: i32;
  outWidth!: i32;
  /** One float each output channel, or 0. */
  bias!: i32;
  /** Tiles of 4 x 4 outputs that cover an output plane. */
  tileRows!: i32;
  tileColumns!: i32;
  /** A block is so many rows of tiles, counted through all images, which are at most `tiles` tiles. */
  blockRows!: i32;
  tiles!: i32;
  /** Transformed blocks of the source and of the output's gradient. */
  sourceBlocks!: i32;
  gradientBlocks!: i32;
  /** The raw kernels, [outChannels, channels, taps, taps]; with `flipped` [channels, outChannels, taps, taps] and turned by 180 degrees. */
  filters!: i32;
  flipped!: i32;
  /** All transformed kernels, in panels of 8 output channels; 0 where they are transformed as they are needed, and not kept. */
  panels!: i32;
  /** Output channels done at a time, a multiple of 8. */
  outBlock!: i32;
  /** Channels done at a time, a multiple of 4, where kernels are transformed as they are needed. */
  channelBlock!: i32;
  /** The weight's gradient in the transformed domain, and transformed back: [outChannels, channels, taps, taps]. */
  sums!: i32;
  filterGradient!: i32;
  /** Squares of 4 by 4 channels of the weight's gradient in a task. */
  squares!: i32;
  /** Whether these images are the first, the last of the batch. */
  first!: i32;
  last!: i32;
  /** Whether the kernels of `panels` are there. */
  transformed!: i32;
}

/** Bytes of scratch memory where a transform lays down its half-done tile. */
export const TILE_BYTES: usize = 8 * 8 * 16;

/** Groups of four channels. */
@inline
export function quads(channels: i32): i32 {
  return (channels + 3) >> 2;
}

/** Rounded up to an odd number of cache lines: equal places of different slices then meet in different cache sets. */
@inline
export function oddLines(bytes: usize): usize {
  return (((bytes + 63) >> 6) | 1) << 6;
}

/** Bytes of one slice of a transformed block: [channels / 4][tiles] vectors of four channels. */
@inline
export function sliceBytes(job: Job, channels: i32): usize {
  return oddLines((<usize>(quads(channels) * job.tiles)) << 4);
}

/** Bytes of a whole transformed block: one slice for each of size * size products. */
@inline
export function blockBytes(job: Job, channels: i32): usize {
  return sliceBytes(job, channels) * (job.size * job.size);
}

/** How many tiles a block has: the last may have fewer. */
@inline
export function tilesOf(job: Job, block: i32): i32 {
  const rows = min(job.blockRows, job.images * job.tileRows - block * job.blockRows);
  return rows * job.tileColumns;
}

/** Bytes of the part of scratch memory where images are interleaved: all rows that a block may read of one image. */
@inline
export function stageBytes(job: Job): usize {
  const halo = job.size - 4;
  const rows = min(job.blockRows, job.tileRows) * 4 + halo;
  return (<usize>(rows * (job.tileColumns * 4 + halo))) << 4;
}
