// Jobs of the Winograd kernels: their sizes, how they are cut into blocks of tiles, and the words that describe them to
// assembly/winograd-job.ts.
import type { Engine } from "./engine.ts";

/** A convolution of stride 1 and dilation 1 with square 3x3 or 5x5 kernels, one group of it. */
export interface WinogradSizes {
  /** Width of the kernel: 3 or 5. */
  readonly taps: number;
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Zeros before the first row and column. */
  readonly top: number;
  readonly left: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** What a job holds beside its sizes; addresses are bytes. */
export interface WinogradJob extends WinogradSizes {
  readonly source: number;
  readonly images: number;
  readonly out: number;
  readonly bias?: number;
  readonly blockRows: number;
  readonly tiles: number;
  readonly sourceBlocks?: number;
  readonly gradientBlocks?: number;
  readonly filters?: number;
  readonly flipped?: boolean;
  readonly panels?: number;
  readonly outBlock?: number;
  readonly channelBlock?: number;
  readonly sums?: number;
  readonly filterGradient?: number;
  readonly squares?: number;
  readonly first?: boolean;
  readonly last?: boolean;
  readonly transformed?: boolean;
}

/** Words that a job takes. */
export const JOB_WORDS = 32;

/** Values in a transformed line: four outputs at a time. */
export const lineSize = (taps: number): number => taps + 3;

/** Rows and columns of 4 x 4 tiles that cover an output plane. */
export const tileRows = ({ outHeight }: WinogradSizes): number => Math.ceil(outHeight / 4);
export const tileColumns = ({ outWidth }: WinogradSizes): number => Math.ceil(outWidth / 4);

/** Writes a job to float index `to`. */
export function writeJob(engine: Engine, to: number, job: WinogradJob): void {
  const { bias = 0, sourceBlocks = 0, gradientBlocks = 0, filters = 0, panels = 0 } = job;
  const { outBlock = 0, channelBlock = 0, sums = 0, filterGradient = 0, squares = 0 } = job;
  const words = [
    ...[lineSize(job.taps), job.taps, job.source, job.channels, job.height, job.width],
    ...[job.top, job.left, job.images, job.out, job.outChannels, job.outHeight, job.outWidth],
    ...[bias, tileRows(job), tileColumns(job), job.blockRows, job.tiles, sourceBlocks],
    ...[gradientBlocks, filters, job.flipped ? 1 : 0, panels, outBlock, channelBlock, sums],
    ...[filterGradient, squares, job.first ? 1 : 0, job.last ? 1 : 0],
    job.transformed ? 1 : 0,
  ];
  engine.i32.set(words, to);
}

const oddLines = (bytes: number): number => (((bytes + 63) >> 6) | 1) << 6;

/** Bytes of `channels` channels of a transformed block: assembly/winograd-job.ts has the same. */
export const blockBytes = (taps: number, channels: number, tiles: number): number =>
  oddLines(Math.ceil(channels / 4) * tiles * 16) * lineSize(taps) ** 2;

/** Bytes of the transformed kernels of `panels` panels of 8 output channels. */
export const filterBytes = (taps: number, panels: number, channels: number): number =>
  oddLines(panels * Math.ceil(channels / 4) * 128) * lineSize(taps) ** 2;

/** Room for a block's tiles: register tiles compute up to three too many. */
export const roomFor = (tiles: number): number => tiles + 3;

/** Bytes of scratch memory where one tile is half transformed. */
export const TILE_BYTES = 1024;

/** Bytes of scratch memory where rows of images are interleaved. */
export function stageBytes(sizes: WinogradSizes, blockRows: number): number {
  const halo = sizes.taps - 1;
  const rows = Math.min(blockRows, tileRows(sizes)) * 4 + halo;
  return rows * (tileColumns(sizes) * 4 + halo) * 16;
}

/** A few bytes of a thread's scratch area are left alone. */
export const SPARE_BYTES = 4096;
