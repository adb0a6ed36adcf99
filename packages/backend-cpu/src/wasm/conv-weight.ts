// conv2d's weight gradient, float32: the output's gradient is packed, the input is staged with its padding, and
// the product over all output positions accumulates in scratch memory.
import { conv2dGradWeightF32 as twin } from "../twins/conv.ts";
import { type Conv2dShape, forwardTaps } from "./conv-shape.ts";
import { type Band, bands, stageImage, type Tiling, tile, writeOffsets } from "./conv-stage.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";
import { winogradGradWeight } from "./winograd-choice.ts";
import { winogradWeight } from "./winograd-weight.ts";

/** Output positions in a band: a packed panel of 8 channels then fits in the first-level cache. */
const POSITIONS = 512;
const CHANNEL_BLOCK = 256;
/** Floats of the accumulated gradient held at a time. */
const ACCUMULATOR_FLOATS = 196608;

const align = (floats: number): number => (floats + 15) & ~15;

/** The tiling and the areas of scratch memory (float indices). */
interface Layout {
  readonly engine: Engine;
  readonly shape: Conv2dShape;
  readonly tiling: Tiling;
  /** Output and input channels done at a time. */
  readonly mBlock: number;
  readonly cBlock: number;
  readonly accumulator: number;
  readonly offsets: number;
  readonly image: number;
  readonly packed: number;
  readonly raw: number;
}

interface Plan extends Layout {
  readonly input: Float32Array;
  readonly inputOffset: number;
  readonly gradOut: Float32Array;
  readonly gradOutOffset: number;
}

/** Some output channels by some input channels of one group: absolute first channels, and counts. */
interface Block {
  readonly firstOut: number;
  readonly m: number;
  readonly firstIn: number;
  readonly count: number;
}

/** Brings the band of `m` channels of gradOut from `at` on to `raw`, dense. */
const stageGradient = (plan: Plan, at: number, m: number, band: Band): void => {
  const { engine, gradOut, raw, shape } = plan;
  const { rows, columns } = band;
  const plane = shape.outHeight * shape.outWidth;
  const size = rows * columns;
  if (size === plane) copyIn(engine, raw, gradOut, at, m * plane);
  else if (columns === shape.outWidth) {
    for (let i = 0; i < m; i++) copyIn(engine, raw + i * size, gradOut, at + i * plane, size);
  } else {
    for (let i = 0; i < m * rows; i++) {
      const y = i % rows;
      const from = at + ((i - y) / rows) * plane + y * shape.outWidth;
      copyIn(engine, raw + i * columns, gradOut, from, columns);
    }
  }
};

/** Adds one band of one image to the accumulated gradient of a block. */
const addBand = (plan: Plan, image: number, band: Band, block: Block): void => {
  const { engine, shape, tiling, raw, packed } = plan;
  const { kernels } = engine;
  const { m, count } = block;
  const size = band.rows * band.columns;
  const channel = image * shape.outChannels + block.firstOut;
  const at = (channel * shape.outHeight + band.y) * shape.outWidth + band.x;
  stageGradient(plan, plan.gradOutOffset + at, m, band);
  kernels.packPanels(packed * 4, raw * 4, size, 1, m, size, 8);
  const plane = shape.inHeight * shape.inWidth;
  const from = plan.inputOffset + (image * shape.inChannels + block.firstIn) * plane;
  stageImage(engine, tiling, plan.input, from, count, band, raw, plan.image);
  const k = (count * tiling.taps.count + 3) & ~3;
  kernels.convWeightBlock(
    ...([plan.offsets * 4, k, plan.image * 4, tiling.rowBytes, packed * 4] as const),
    ...([plan.accumulator * 4, (m + 7) & ~7, band.rows, band.columns] as const),
  );
};

/** Lays out scratch memory: at most 4 MB in all. */
const layOut = (engine: Engine, shape: Conv2dShape): Layout => {
  const taps = forwardTaps(shape);
  // Fewer channels where the kernel is so large that one input channel fills the accumulator.
  const few = Math.max(8, Math.floor(ACCUMULATOR_FLOATS / taps.count) & ~7);
  const mBlock = Math.min(shape.outChannels / shape.groups, CHANNEL_BLOCK, few);
  const mPadded = (mBlock + 7) & ~7;
  const tiling = tile({
    ...{ taps, channels: shape.inChannels / shape.groups, outChannels: mBlock },
    ...{ height: shape.outHeight, width: shape.outWidth, positions: POSITIONS },
    ...{ sourceHeight: shape.inHeight, sourceWidth: shape.inWidth },
  });
  const fitting = Math.floor(ACCUMULATOR_FLOATS / (mPadded * taps.count));
  const cBlock = Math.max(1, Math.min(tiling.block, fitting));
  const bandFloats = tiling.bandRows * tiling.bandColumns;
  const kPadded = (cBlock * taps.count + 3) & ~3;
  const offsets = align(kPadded * mPadded);
  const image = offsets + align(kPadded);
  const packed = image + align(cBlock * tiling.plane + 16);
  const raw = packed + align(mPadded * bandFloats);
  const most = Math.max(tiling.rawFloats, mBlock * bandFloats, mBlock * cBlock * taps.count);
  const base = reserve(engine, (raw + align(most + 16)) * 4) >> 2;
  engine.i32.fill(0, base + offsets, base + offsets + kPadded);
  writeOffsets(engine, base + offsets, tiling, cBlock);
  return {
    ...{ engine, shape, tiling, mBlock, cBlock, accumulator: base, offsets: base + offsets },
    ...{ image: base + image, packed: base + packed, raw: base + raw },
  };
};

/** All blocks of all groups. */
const blocks = ({ shape, mBlock, cBlock }: Layout): Block[] => {
  const outChannels = shape.outChannels / shape.groups;
  const channels = shape.inChannels / shape.groups;
  const list: Block[] = [];
  for (let group = 0; group < shape.groups; group++) {
    for (let m0 = 0; m0 < outChannels; m0 += mBlock) {
      const m = Math.min(mBlock, outChannels - m0);
      for (let c0 = 0; c0 < channels; c0 += cBlock) {
        const count = Math.min(cBlock, channels - c0);
        const firstOut = group * outChannels + m0;
        list.push({ firstOut, m, firstIn: group * channels + c0, count });
      }
    }
  }
  return list;
};

/**
 * The gradient of conv2d's weight:
 * gradWeight[o, c, kh, kw] = sum over n, y, x of gradOut[n, o, y, x] input[n, c, y * stride + kh * dilation - pad, ...].
 */
export function conv2dGradWeightF32(
  gradWeight: Float32Array,
  gradWeightOffset: number,
  input: Float32Array,
  inputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  shape: Conv2dShape,
): void {
  const channels = shape.inChannels / shape.groups;
  const taps = shape.kernelHeight * shape.kernelWidth;
  const outputs = shape.batch * shape.outChannels * shape.outHeight * shape.outWidth;
  if (outputs * channels * shape.inHeight * shape.inWidth * taps === 0) {
    const [g, i, o] = [gradWeightOffset, inputOffset, gradOutOffset];
    twin(gradWeight, g, input, i, gradOut, o, shape);
    return;
  }
  const winograd = winogradGradWeight(shape);
  if (winograd) {
    const [inPlane, outPlane] = [shape.inHeight * shape.inWidth, shape.outHeight * shape.outWidth];
    const outChannels = shape.outChannels / shape.groups;
    for (let group = 0; group < shape.groups; group++) {
      winogradWeight({
        ...winograd,
        source: input,
        sourceOffset: inputOffset + group * channels * inPlane,
        sourceImage: shape.inChannels * inPlane,
        gradOut,
        gradOutOffset: gradOutOffset + group * outChannels * outPlane,
        gradOutImage: shape.outChannels * outPlane,
        gradWeight,
        gradWeightOffset: gradWeightOffset + group * outChannels * channels * taps,
      });
    }
    return;
  }
  const engine = wasmEngine();
  const plan: Plan = { ...layOut(engine, shape), input, inputOffset, gradOut, gradOutOffset };
  const { accumulator, raw } = plan;
  const list = bands(plan.tiling);
  for (const block of blocks(plan)) {
    const { firstOut, firstIn, m, count } = block;
    const [k, c0, padded] = [count * taps, firstIn % channels, (m + 7) & ~7];
    engine.f32.fill(0, accumulator, accumulator + ((k + 3) & ~3) * padded);
    for (let n = 0; n < shape.batch; n++) {
      for (const band of list) addBand(plan, n, band, block);
    }
    engine.kernels.transpose(raw * 4, k, accumulator * 4, padded, k, m);
    for (let i = 0; i < m; i++) {
      const row = gradWeightOffset + (firstOut + i) * channels * taps;
      copyOut(engine, raw + i * k, gradWeight, row + c0 * taps, k);
    }
  }
}
