// Softmax and log-softmax over rows, float32, forward and backward. The twins, with the formulas, are in src/twins/softmax.ts.
import type * as twins from "../twins/softmax.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Floats staged at a time: as many whole rows as fit, at least one. */
const CHUNK = 8192;

const align = (floats: number): number => (floats + 15) & ~15;

const rowsTogether = (columns: number): number => Math.max(1, Math.floor(CHUNK / columns));

const forward =
  (name: "softmax" | "logSoftmax"): typeof twins.softmaxF32 =>
  (out, outOffset, x, xOffset, rows, columns) => {
    if (columns === 0) return;
    const engine = wasmEngine();
    const kernel = engine.kernels[name];
    const together = Math.min(rows, rowsTogether(columns));
    const at = reserve(engine, align(together * columns) * 4) >> 2;
    for (let row = 0; row < rows; row += together) {
      const n = Math.min(together, rows - row);
      copyIn(engine, at, x, xOffset + row * columns, n * columns);
      kernel(at * 4, at * 4, n, columns);
      copyOut(engine, at, out, outOffset + row * columns, n * columns);
    }
  };

const backward =
  (name: "softmaxGrad" | "logSoftmaxGrad"): typeof twins.softmaxGradF32 =>
  (gradInput, gradInputOffset, gradOut, gradOutOffset, output, outputOffset, rows, columns) => {
    if (columns === 0) return;
    const engine = wasmEngine();
    const kernel = engine.kernels[name];
    const together = Math.min(rows, rowsTogether(columns));
    const area = align(together * columns);
    const at = reserve(engine, area * 8) >> 2;
    for (let row = 0; row < rows; row += together) {
      const [from, count] = [row * columns, Math.min(together, rows - row) * columns];
      copyIn(engine, at, gradOut, gradOutOffset + from, count);
      copyIn(engine, at + area, output, outputOffset + from, count);
      kernel(at * 4, at * 4, (at + area) * 4, count / columns, columns);
      copyOut(engine, at, gradInput, gradInputOffset + from, count);
    }
  };

/** out = exp(x - max) / sum(exp(x - max)) in each row of [rows, columns]. */
export const softmaxF32: typeof twins.softmaxF32 = forward("softmax");

/** out = x - max - log(sum(exp(x - max))) in each row of [rows, columns]. */
export const logSoftmaxF32: typeof twins.logSoftmaxF32 = forward("logSoftmax");

/** gradInput = y * (g - sum(g * y)) in each row; y is softmax's output. */
export const softmaxGradF32: typeof twins.softmaxGradF32 = backward("softmaxGrad");

/** gradInput = g - exp(y) * sum(g) in each row; y is log-softmax's output. */
export const logSoftmaxGradF32: typeof twins.logSoftmaxGradF32 = backward("logSoftmaxGrad");

/** Floats of a block of columns, staged whole, and the least and greatest width of one. */
const BLOCK = 1 << 20;
const NARROW = 16;
const WIDE = 1 << 16;

/** Calls `visit` for blocks of columns of [outer, size, inner]: where one starts, and how many columns it has. */
const eachBlock = (
  outer: number,
  size: number,
  inner: number,
  visit: (from: number, columns: number) => void,
): void => {
  const width = Math.min(inner, WIDE, Math.max(NARROW, Math.floor(BLOCK / size)));
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i += width) visit(o * size * inner + i, Math.min(width, inner - i));
};

/** Rows of `columns` floats, `inner` apart in the array and `stride` apart in scratch memory. */
const rowsIn = (
  engine: Engine,
  at: number,
  stride: number,
  x: Float32Array,
  from: number,
  [size, inner, columns]: readonly [number, number, number],
): void => {
  if (columns === inner && stride === inner) copyIn(engine, at, x, from, size * inner);
  else for (let r = 0; r < size; r++) copyIn(engine, at + r * stride, x, from + r * inner, columns);
};
const rowsOut = (
  engine: Engine,
  at: number,
  stride: number,
  x: Float32Array,
  to: number,
  [size, inner, columns]: readonly [number, number, number],
): void => {
  if (columns === inner && stride === inner) copyOut(engine, at, x, to, size * inner);
  else for (let r = 0; r < size; r++) copyOut(engine, at + r * stride, x, to + r * inner, columns);
};

const strideOf = (columns: number): number => (columns + 3) & ~3;

const columnsForward =
  (name: "softmaxColumns" | "logSoftmaxColumns"): typeof twins.softmaxColumnsF32 =>
  (out, outOffset, x, xOffset, outer, size, inner) => {
    if (size === 0 || inner === 0) return;
    const engine = wasmEngine();
    eachBlock(outer, size, inner, (from, columns) => {
      const stride = strideOf(columns);
      const at = reserve(engine, size * stride * 4) >> 2;
      const sizes = [size, inner, columns] as const;
      rowsIn(engine, at, stride, x, xOffset + from, sizes);
      engine.kernels[name](at * 4, size, stride, columns);
      rowsOut(engine, at, stride, out, outOffset + from, sizes);
    });
  };

const columnsBackward =
  (name: "softmaxColumnsGrad" | "logSoftmaxColumnsGrad"): typeof twins.softmaxColumnsGradF32 =>
  (
    gradInput,
    gradInputOffset,
    gradOut,
    gradOutOffset,
    output,
    outputOffset,
    outer,
    size,
    inner,
  ) => {
    if (size === 0 || inner === 0) return;
    const engine = wasmEngine();
    eachBlock(outer, size, inner, (from, columns) => {
      const stride = strideOf(columns);
      const area = align(size * stride);
      const at = reserve(engine, area * 8) >> 2;
      const sizes = [size, inner, columns] as const;
      rowsIn(engine, at, stride, gradOut, gradOutOffset + from, sizes);
      rowsIn(engine, at + area, stride, output, outputOffset + from, sizes);
      engine.kernels[name](at * 4, (at + area) * 4, size, stride, columns);
      rowsOut(engine, at, stride, gradInput, gradInputOffset + from, sizes);
    });
  };

/** Softmax down the columns of [outer, size, inner]. */
export const softmaxColumnsF32: typeof twins.softmaxColumnsF32 = columnsForward("softmaxColumns");
/** Log-softmax down the columns. */
export const logSoftmaxColumnsF32: typeof twins.logSoftmaxColumnsF32 =
  columnsForward("logSoftmaxColumns");
/** Softmax's gradient down the columns. */
export const softmaxColumnsGradF32: typeof twins.softmaxColumnsGradF32 =
  columnsBackward("softmaxColumnsGrad");
/** Log-softmax's gradient down the columns. */
export const logSoftmaxColumnsGradF32: typeof twins.logSoftmaxColumnsGradF32 =
  columnsBackward("logSoftmaxColumnsGrad");
