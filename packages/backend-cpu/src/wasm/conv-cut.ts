// How convolutions are cut into tasks and blocks: what a task uses at a time fits in the second-level cache and in a
// thread's scratch memory. What decides about the order of sums depends on the sizes alone,
// so that results do too.
import type { ConvSizes } from "../twins/conv-columns.ts";
import { type Cut, product } from "./conv-job.ts";
import { THREAD_BYTES } from "./engine.ts";

/** Rows of the unfolded source in a panel: with a panel of weights it fits in the first-level cache. */
const ROWS = 288;
const POSITIONS = 256;
/** Floats of scratch memory for packed operands. */
const SCRATCH = THREAD_BYTES / 4 - 4096;
/** Kernels of more positions than this are left to the plain loops. */
export const MOST_TAPS = 16384;

/** The size of blocks of at most `most` that are nearly equal, rounded up to a multiple. */
const even = (size: number, most: number, multiple: number): number => {
  const block = Math.ceil(size / Math.ceil(size / most));
  return Math.max(multiple, Math.ceil(block / multiple) * multiple);
};

/** Positions for which `floats` floats each fit in scratch memory. */
const positionsFor = (sizes: ConvSizes, floats: number): number => {
  const most = Math.max(8, Math.min(POSITIONS, Math.floor(SCRATCH / floats)) & ~7);
  return even(Math.max(1, product(sizes.output)), most, 8);
};

/** The forward convolution: bands of positions, at least one for each thread where `images` are done at a time. */
export function cutForward(sizes: ConvSizes, images: number, threads: number): Cut {
  const depth = (sizes.inChannels / sizes.groups) * product(sizes.kernel);
  const rows = even(depth, ROWS, 1);
  // How positions are cut changes no sum, so the number of threads may have a say.
  const bands = Math.ceil(threads / (images * sizes.groups));
  const share = Math.max(8, Math.ceil(product(sizes.output) / bands));
  const positions = Math.min(positionsFor(sizes, rows), Math.ceil(share / 8) * 8);
  return { positions, rows, outBlock: 0, channelBlock: 0 };
}

/** The input's gradient: blocks of channels, in whole register tiles where there are enough. */
export function cutGradInput(sizes: ConvSizes): Cut {
  const channels = sizes.inChannels / sizes.groups;
  const taps = product(sizes.kernel);
  let channelBlock = Math.max(1, Math.min(channels, Math.floor(192 / taps)));
  if (channelBlock < channels && channelBlock > 12) channelBlock -= channelBlock % 12;
  const outBlock = even(sizes.outChannels / sizes.groups, ROWS, 1);
  const positions = positionsFor(sizes, channelBlock * taps + 6 + outBlock);
  return { positions, rows: 0, outBlock, channelBlock };
}

/** The weight's gradient: blocks of rows and of output channels. */
export function cutGradWeight(sizes: ConvSizes): Cut {
  const depth = (sizes.inChannels / sizes.groups) * product(sizes.kernel);
  const outBlock = even(sizes.outChannels / sizes.groups, 128, 8);
  const rows = even(depth, 144, 12);
  const sums = (rows + 6) * outBlock;
  const most = Math.floor((SCRATCH - sums) / (rows + outBlock + 6)) & ~7;
  const positions = Math.min(positionsFor(sizes, rows + outBlock), Math.max(8, most));
  return { positions, rows, outBlock, channelBlock: 0 };
}
