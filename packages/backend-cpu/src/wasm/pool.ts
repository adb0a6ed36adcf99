// Two-dimensional max and average pooling, float32, over planes staged in cache-sized bands. The twins are in
// src/twins/pool.ts.
import { maxPool2dGradF32 as scatterMaxima } from "../twins/pool.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import {
  type AvgPool2dShape,
  bandFloats,
  type MaxPool2dShape,
  type Pool2dShape,
  type PoolBand,
  poolBands,
} from "./pool-shape.ts";
import { copyIn, copyOut } from "./stage.ts";

export type { AvgPool2dShape, MaxPool2dShape, Pool2dShape } from "./pool-shape.ts";

const align = (floats: number): number => (floats + 15) & ~15;

/** Float positions of a band in the whole input and output, and how many floats it has there. */
const locate = (shape: Pool2dShape, band: PoolBand) => ({
  inputAt: (band.plane * shape.inHeight + band.inRow) * shape.inWidth,
  inputCount: band.planes * band.inRows * shape.inWidth,
  outputAt: (band.plane * shape.outHeight + band.outRow) * shape.outWidth,
  outputCount: band.planes * band.outRows * shape.outWidth,
});

/** Input and output areas for every band; `outputs` output-sized areas lie one after another from `output`. */
const areas = (engine: Engine, shape: Pool2dShape, span: number, outputs: number) => {
  const [inputFloats, outputFloats] = bandFloats(shape, span);
  const base = reserve(engine, (align(inputFloats + 16) + outputs * align(outputFloats)) * 4) >> 2;
  const output = base + align(inputFloats + 16);
  return { input: base, output, second: output + align(outputFloats) };
};

/**
 * Max pooling: `out` gets each window's maximum (NaN wins), `indices` its position row * width + column in the input plane,
 * as PyTorch's `return_indices` gives it. All arrays are dense from their offsets on.
 */
export function maxPool2dF32(
  out: Float32Array,
  outOffset: number,
  indices: Int32Array,
  indicesOffset: number,
  input: Float32Array,
  inputOffset: number,
  shape: MaxPool2dShape,
): void {
  const engine = wasmEngine();
  const span = (shape.kernelHeight - 1) * shape.dilationHeight + 1;
  const at = areas(engine, shape, span, 2);
  for (const band of poolBands(shape, span)) {
    const { inputAt, inputCount, outputAt, outputCount } = locate(shape, band);
    copyIn(engine, at.input, input, inputOffset + inputAt, inputCount);
    engine.kernels.maxPool(
      at.output * 4,
      at.second * 4,
      at.input * 4,
      band.planes,
      shape.inHeight,
      shape.inWidth,
      band.inRows,
      band.inRow,
      band.outRow,
      band.outRows,
      shape.outWidth,
      shape.kernelHeight,
      shape.kernelWidth,
      shape.strideHeight,
      shape.strideWidth,
      shape.padHeight,
      shape.padWidth,
      shape.dilationHeight,
      shape.dilationWidth,
    );
    copyOut(engine, at.output, out, outOffset + outputAt, outputCount);
    const found = engine.i32.subarray(at.second, at.second + outputCount);
    indices.set(found, indicesOffset + outputAt);
  }
}

/** Input floats of the planes that the gradient of max pooling stages at a time, and the most that one plane may have. */
const GRAD_FLOATS = 16384;
const MOST_GRAD_FLOATS = 1 << 20;

/**
 * The gradient of max pooling: 0, then each window's gradient added at its index in the plane. Indices outside are left out;
 * returns the position of the first, or -1.
 */
export function maxPool2dGradF32(
  gradInput: Float32Array,
  gradInputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  indices: Int32Array,
  indicesOffset: number,
  planes: number,
  inPlane: number,
  outPlane: number,
): number {
  const plane = Math.max(1, inPlane, outPlane);
  if (plane > MOST_GRAD_FLOATS) {
    const [x, g, i] = [gradInputOffset, gradOutOffset, indicesOffset];
    return scatterMaxima(gradInput, x, gradOut, g, indices, i, planes, inPlane, outPlane);
  }
  const engine = wasmEngine();
  const together = Math.min(planes, Math.max(1, Math.floor(GRAD_FLOATS / plane)));
  const [inFloats, outFloats] = [align(together * inPlane + 4), align(together * outPlane + 4)];
  const to = reserve(engine, (inFloats + 2 * outFloats) * 4) >> 2;
  const [from, places] = [to + inFloats, to + inFloats + outFloats];
  let bad = -1;
  for (let p = 0; p < planes; p += together) {
    const n = Math.min(together, planes - p);
    const [first, count] = [p * outPlane, n * outPlane];
    copyIn(engine, from, gradOut, gradOutOffset + first, count);
    const start = indicesOffset + first;
    engine.i32.set(indices.subarray(start, start + count), places);
    const wrong = engine.kernels.maxPoolGrad(to * 4, from * 4, places * 4, n, inPlane, outPlane);
    if (wrong >= 0 && bad < 0) bad = first + wrong;
    copyOut(engine, to, gradInput, gradInputOffset + p * inPlane, n * inPlane);
  }
  return bad;
}

const averageOptions = (shape: AvgPool2dShape, band: PoolBand) =>
  [
    band.planes,
    shape.inHeight,
    shape.inWidth,
    band.inRows,
    band.inRow,
    band.outRow,
    band.outRows,
    shape.outWidth,
    shape.kernelHeight,
    shape.kernelWidth,
    shape.strideHeight,
    shape.strideWidth,
    shape.padHeight,
    shape.padWidth,
    shape.countIncludePad ? 1 : 0,
    shape.divisorOverride ?? 0,
  ] as const;

/** Average pooling: each window's sum over its size, padding counted or not, or over `divisorOverride`. */
export function avgPool2dF32(
  out: Float32Array,
  outOffset: number,
  input: Float32Array,
  inputOffset: number,
  shape: AvgPool2dShape,
): void {
  const engine = wasmEngine();
  const at = areas(engine, shape, shape.kernelHeight, 1);
  for (const band of poolBands(shape, shape.kernelHeight)) {
    const { inputAt, inputCount, outputAt, outputCount } = locate(shape, band);
    copyIn(engine, at.input, input, inputOffset + inputAt, inputCount);
    engine.kernels.averagePool(at.output * 4, at.input * 4, ...averageOptions(shape, band));
    copyOut(engine, at.output, out, outOffset + outputAt, outputCount);
  }
}

/** The gradient of average pooling's input. */
export function avgPool2dGradF32(
  gradInput: Float32Array,
  gradInputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  shape: AvgPool2dShape,
): void {
  const engine = wasmEngine();
  const at = areas(engine, shape, shape.kernelHeight, 1);
  const size = shape.planes * shape.inHeight * shape.inWidth;
  gradInput.fill(0, gradInputOffset, gradInputOffset + size);
  for (const band of poolBands(shape, shape.kernelHeight)) {
    const { inputAt, inputCount, outputAt, outputCount } = locate(shape, band);
    // Bands of one plane may share input rows: each adds to what the earlier ones left.
    copyIn(engine, at.input, gradInput, gradInputOffset + inputAt, inputCount);
    copyIn(engine, at.output, gradOut, gradOutOffset + outputAt, outputCount);
    engine.kernels.averagePoolGrad(at.input * 4, at.output * 4, ...averageOptions(shape, band));
    copyOut(engine, at.input, gradInput, gradInputOffset + inputAt, inputCount);
  }
}
