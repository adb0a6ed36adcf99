// Jobs of the convolution kernels over up to three dims: their sizes, where their operands lie in memory, and the words that
// describe them to assembly/conv-job.ts.
import { parallel } from "../threads/threads.ts";
import type { ConvSizes } from "../twins/conv-columns.ts";
import { type Engine, reserve } from "./engine.ts";
import type { Packed } from "./packed-weights.ts";
import { copyIn, copyOut } from "./stage.ts";

/** How a convolution is cut up. Each kernel reads what concerns it. */
export interface Cut {
  /** Output positions at a time, a multiple of 8. */
  readonly positions: number;
  /** Rows (channel, tap) of the unfolded source at a time. */
  readonly rows: number;
  readonly outBlock: number;
  readonly channelBlock: number;
}

/** Where a job's operands lie: byte addresses. */
export interface Areas {
  readonly job: number;
  /** The source as it is, and with its padding; the same where there is none, 0 where tasks pad it themselves. */
  readonly raw: number;
  readonly source: number;
  readonly out: number;
  /** Weights as they are, and packed. */
  readonly filters: number;
  readonly weights: number;
  readonly bias: number;
  readonly gradient: number;
  readonly taps: number;
}

/** Bytes of images and results held at a time, unless one image needs more. */
const STAGE_BYTES = 8 << 20;
const JOB_WORDS = 48;
/** Kernels read up to so many bytes after their operands. */
export const SLACK = 256;

export const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);
const align = (bytes: number): number => (bytes + 63) & ~63;

/** The source's dims with padding on both sides. */
export const fullDims = ({ input, padding }: ConvSizes): [number, number, number] => [
  input[0] + 2 * padding[0],
  input[1] + 2 * padding[1],
  input[2] + 2 * padding[2],
];

export const isPadded = ({ padding }: ConvSizes): boolean => padding.some((size) => size > 0);

/** A convolution that looks at single positions, in order, as one over a single row: longer runs. */
export function flatten(sizes: ConvSizes): ConvSizes {
  const { kernel, stride, padding, input } = sizes;
  if (product(kernel) !== 1 || product(stride) !== 1 || isPadded(sizes)) return sizes;
  const row = [1, 1, product(input)] as const;
  return { ...sizes, padding, input: row, output: row };
}

/** How many images are done at a time. */
export function imagesTogether(sizes: ConvSizes): number {
  const source = sizes.inChannels * (product(sizes.input) + product(fullDims(sizes)));
  const floats = source + sizes.outChannels * product(sizes.output);
  return Math.max(1, Math.min(sizes.batch, Math.floor(STAGE_BYTES / (4 * floats))));
}

/** Lays a job out in memory; sizes of packed weights and gradient are in floats. `resident` weights have a place already. */
export function layOut(
  engine: Engine,
  sizes: ConvSizes,
  images: number,
  weights: number,
  bias: number,
  gradient: number,
  resident?: Packed,
): Areas {
  let bytes = JOB_WORDS * 4;
  const take = (floats: number): number => {
    const at = bytes;
    bytes = align(bytes + floats * 4 + SLACK);
    return at;
  };
  const taps = take(product(sizes.kernel));
  const perGroup = sizes.inChannels / sizes.groups;
  const filters = take(resident?.ready ? 0 : sizes.outChannels * perGroup * product(sizes.kernel));
  const packed = take(resident ? 0 : weights);
  const start = take(bias);
  const gradientAt = take(gradient);
  const raw = take(images * sizes.inChannels * product(sizes.input));
  const full = images * sizes.inChannels * product(fullDims(sizes));
  const source = isPadded(sizes) ? take(full) : raw;
  const out = take(images * sizes.outChannels * product(sizes.output));
  const base = reserve(engine, bytes);
  return {
    ...{ job: base, taps: base + taps, filters: base + filters },
    ...{ weights: resident?.address ?? base + packed },
    ...{ bias: base + start, gradient: base + gradientAt, raw: base + raw },
    ...{ source: base + source, out: base + out },
  };
}

/** Writes the distance of each kernel position from the start of its window. */
function writeTaps(engine: Engine, areas: Areas, sizes: ConvSizes): void {
  const { kernel, dilation } = sizes;
  const [, height, width] = fullDims(sizes);
  const words = engine.i32;
  let to = areas.taps >> 2;
  for (let z = 0; z < kernel[0]; z++)
    for (let y = 0; y < kernel[1]; y++)
      for (let x = 0; x < kernel[2]; x++) {
        const row = z * dilation[0] * height + y * dilation[1];
        words[to++] = 4 * (row * width + x * dilation[2]);
      }
}

/** Writes a job. */
function writeJob(
  engine: Engine,
  areas: Areas,
  sizes: ConvSizes,
  cut: Cut,
  images: number,
  first: boolean,
): void {
  const { groups, input, padding, stride, output } = sizes;
  const full = fullDims(sizes);
  const words = [
    ...[images, groups, sizes.inChannels / groups, sizes.outChannels / groups, areas.raw, ...input],
    ...[areas.source, ...padding, full[1], full[2], product(full), ...stride],
    ...[product(sizes.kernel), areas.taps, areas.out, ...output, areas.weights, areas.bias],
    ...[cut.positions, cut.rows, cut.outBlock, cut.channelBlock, areas.gradient, first ? 1 : 0],
  ];
  engine.i32.set(words, areas.job >> 2);
}

/** A few images whose job stands in memory; the arrays hold the whole batch. */
export interface Round {
  readonly images: number;
  /** Copies these images in and pads them. */
  bringSource(array: Float32Array): void;
  bringOut(array: Float32Array): void;
  takeSource(array: Float32Array): void;
  takeOut(array: Float32Array): void;
}

/** Runs `run` for all images of the batch, `together` at a time. */
export function eachRound(
  engine: Engine,
  areas: Areas,
  sizes: ConvSizes,
  cut: Cut,
  together: number,
  run: (round: Round) => void,
): void {
  writeTaps(engine, areas, sizes);
  const inImage = sizes.inChannels * product(sizes.input);
  const outImage = sizes.outChannels * product(sizes.output);
  const [raw, result] = [areas.raw >> 2, areas.out >> 2];
  for (let n = 0; n < sizes.batch; n += together) {
    const images = Math.min(together, sizes.batch - n);
    writeJob(engine, areas, sizes, cut, images, n === 0);
    run({
      images,
      bringSource(array) {
        copyIn(engine, raw, array, n * inImage, images * inImage);
        if (areas.raw === areas.source || areas.source === 0) return;
        parallel(engine, "convPad", images * sizes.inChannels, [areas.job]);
      },
      bringOut: (array) => copyIn(engine, result, array, n * outImage, images * outImage),
      takeSource: (array) => copyOut(engine, raw, array, n * inImage, images * inImage),
      takeOut: (array) => copyOut(engine, result, array, n * outImage, images * outImage),
    });
  }
}

/** Brings the weights to memory as they are. */
export function stageFilters(engine: Engine, areas: Areas, weight: Float32Array): void {
  copyIn(engine, areas.filters >> 2, weight, 0, weight.length);
}
