// Softmax and log-softmax over rows, float32, forward and backward. The twins, with the formulas, are in src/twins/softmax.ts.
import type * as twins from "../twins/softmax.ts";
import { reserve, wasmEngine } from "./engine.ts";
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
