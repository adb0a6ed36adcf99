// conv2d's weight and bias gradients, float32: the output's gradient is packed, the input is staged with its padding, and
// the product over all output positions accumulates in scratch memory.
import { conv2dGradWeightF32 as twin } from "../twins/conv.ts";
import { type Conv2dShape, forwardTaps } from "./conv-shape.ts";
import { stageImage, tile, writeOffsets } from "./conv-stage.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Output positions in a band: a packed panel of 8 channels then fits in the first-level cache. */
const POSITIONS = 512;
const CHANNEL_BLOCK = 256;
/** Floats of the accumulated gradient held at a time. */
const ACCUMULATOR_FLOATS = 196608;

const align = (floats: number): number => (floats + 15) & ~15;

/** Brings gradOut's band of `m` channels to `raw`, dense. */
const stageGradient = (
  engine: Engine,
  gradOut: Float32Array,
  at: number,
  plane: number,
  width: number,
  m: number,
  rows: number,
  columns: number,
  raw: number,
): void => {
  const size = rows * columns;
  if (size === plane) copyIn(engine, raw, gradOut, at, m * plane);
  else if (columns === width) {
    for (let i = 0; i < m; i++) copyIn(engine, raw + i * size, gradOut, at + i * plane, size);
  } else {
    for (let i = 0; i < m * rows; i++) {
      const y = i % rows;
      copyIn(
        engine,
        raw + i * columns,
        gradOut,
        at + ((i - y) / rows) * plane + y * width,
        columns,
      );
    }
  }
};

/**
 * The gradient of conv2d's weight, and of its bias when `gradBias` is given:
 * gradWeight[o, c, kh, kw] = sum over n, y, x of gradOut[n, o, y, x] input[n, c, y * stride + kh * dilation - pad, ...],
 * gradBias[o] = sum over n, y, x of gradOut[n, o, y, x].
 */
export function conv2dGradWeightF32(
  gradWeight: Float32Array,
  gradWeightOffset: number,
  input: Float32Array,
  inputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  shape: Conv2dShape,
  gradBias?: Float32Array,
  gradBiasOffset = 0,
): void {
  const outChannels = shape.outChannels / shape.groups;
  const channels = shape.inChannels / shape.groups;
  const taps = forwardTaps(shape);
  const inPlane = shape.inHeight * shape.inWidth;
  const outPlane = shape.outHeight * shape.outWidth;
  if (shape.batch * outPlane * inPlane * shape.outChannels * channels * taps.count === 0) {
    const [g, i, o] = [gradWeightOffset, inputOffset, gradOutOffset];
    twin(gradWeight, g, input, i, gradOut, o, shape, gradBias, gradBiasOffset);
    return;
  }
  const engine = wasmEngine();
  const mBlock = Math.min(outChannels, CHANNEL_BLOCK);
  const mPadded = (mBlock + 7) & ~7;
  const whole = tile(
    taps,
    channels,
    shape.outHeight,
    shape.outWidth,
    mBlock,
    shape.inHeight,
    shape.inWidth,
    POSITIONS,
  );
  const cBlock = Math.max(
    1,
    Math.min(whole.channels, Math.floor(ACCUMULATOR_FLOATS / (mPadded * taps.count))),
  );
  const bandFloats = whole.bandRows * whole.bandColumns;
  const kPadded = (cBlock * taps.count + 3) & ~3;

  const accumulator = 0;
  const offsets = accumulator + align(kPadded * mPadded);
  const image = offsets + align(kPadded);
  const packed = image + align(cBlock * whole.plane + 16);
  const sums = packed + align(mPadded * bandFloats);
  const raw = sums + align(mBlock * 2);
  const total =
    raw + align(Math.max(whole.rawFloats, mBlock * bandFloats, mBlock * cBlock * taps.count) + 16);
  const base = reserve(engine, total * 4) >> 2;
  engine.i32.fill(0, base + offsets, base + offsets + kPadded);
  writeOffsets(engine, base + offsets, whole, taps, cBlock);
  const { kernels } = engine;
  const rowBytes = taps.strideRow * whole.phases * whole.phaseLength * 4;
  const wholeRows = whole.bandColumns === shape.outWidth;
  const rowStride = channels * taps.count;

  for (let group = 0; group < shape.groups; group++) {
    for (let m0 = 0; m0 < outChannels; m0 += mBlock) {
      const m = Math.min(mBlock, outChannels - m0);
      const mPanels = (m + 7) & ~7;
      const firstOut = group * outChannels + m0;
      for (let c0 = 0; c0 < channels; c0 += cBlock) {
        const count = Math.min(cBlock, channels - c0);
        const k = count * taps.count;
        engine.f32.fill(0, base + accumulator, base + accumulator + ((k + 3) & ~3) * mPanels);
        engine.f64.fill(0, (base + sums) >> 1, ((base + sums) >> 1) + m);
        for (let n = 0; n < shape.batch; n++) {
          for (let y = 0; y < shape.outHeight; y += whole.bandRows) {
            const rows = Math.min(whole.bandRows, shape.outHeight - y);
            for (let x = 0; x < shape.outWidth; x += whole.bandColumns) {
              const columns = Math.min(whole.bandColumns, shape.outWidth - x);
              const at =
                gradOutOffset +
                (n * shape.outChannels + firstOut) * outPlane +
                y * shape.outWidth +
                x;
              const size = rows * columns;
              stageGradient(
                engine,
                gradOut,
                at,
                outPlane,
                shape.outWidth,
                m,
                rows,
                columns,
                base + raw,
              );
              kernels.packPanels((base + packed) * 4, (base + raw) * 4, size, 1, m, size, 8);
              if (gradBias && c0 === 0)
                kernels.addRowSums((base + sums) * 4, (base + raw) * 4, m, size);
              const from = inputOffset + (n * shape.inChannels + group * channels + c0) * inPlane;
              stageImage(
                engine,
                whole,
                taps,
                input,
                from,
                shape.inHeight,
                shape.inWidth,
                count,
                y,
                x,
                wholeRows,
                base + raw,
                base + image,
              );
              kernels.convWeightBlock(
                (base + offsets) * 4,
                (k + 3) & ~3,
                (base + image) * 4,
                rowBytes,
                (base + packed) * 4,
                (base + accumulator) * 4,
                mPanels,
                rows,
                columns,
              );
            }
          }
        }
        kernels.transpose((base + raw) * 4, k, (base + accumulator) * 4, mPanels, k, m);
        const to = gradWeightOffset + firstOut * rowStride + c0 * taps.count;
        if (k === rowStride) copyOut(engine, base + raw, gradWeight, to, m * k);
        else
          for (let i = 0; i < m; i++)
            copyOut(engine, base + raw + i * k, gradWeight, to + i * rowStride, k);
        if (gradBias && c0 === 0) {
          for (let i = 0; i < m; i++) {
            gradBias[gradBiasOffset + firstOut + i] = engine.f64[
              ((base + sums) >> 1) + i
            ] as number;
          }
        }
      }
    }
  }
}
