// The definitions of the float32 softmax kernels, and what runs where WebAssembly SIMD is missing. All work on [rows, columns],
// dense from their offsets on; sums are in float64.

const largest = (x: Float32Array, from: number, columns: number): number => {
  let best = -Infinity;
  for (let i = 0; i < columns; i++) best = Math.max(best, x[from + i] as number);
  return best;
};

/** out = exp(x - max) / sum(exp(x - max)) in each row. */
export function softmaxF32(
  out: Float32Array,
  outOffset: number,
  x: Float32Array,
  xOffset: number,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const [to, from] = [outOffset + row * columns, xOffset + row * columns];
    const max = largest(x, from, columns);
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += Math.exp((x[from + i] as number) - max);
    for (let i = 0; i < columns; i++) out[to + i] = Math.exp((x[from + i] as number) - max) / sum;
  }
}

/** out = x - max - log(sum(exp(x - max))) in each row. */
export function logSoftmaxF32(
  out: Float32Array,
  outOffset: number,
  x: Float32Array,
  xOffset: number,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const [to, from] = [outOffset + row * columns, xOffset + row * columns];
    const max = largest(x, from, columns);
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += Math.exp((x[from + i] as number) - max);
    const shift = Math.log(sum);
    for (let i = 0; i < columns; i++) out[to + i] = (x[from + i] as number) - max - shift;
  }
}

/** gradInput = y * (g - sum(g * y)) in each row; y is softmax's output. */
export function softmaxGradF32(
  gradInput: Float32Array,
  gradInputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  output: Float32Array,
  outputOffset: number,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let sum = 0;
    for (let i = at; i < at + columns; i++) {
      sum += (gradOut[gradOutOffset + i] as number) * (output[outputOffset + i] as number);
    }
    for (let i = at; i < at + columns; i++) {
      const y = output[outputOffset + i] as number;
      gradInput[gradInputOffset + i] = y * ((gradOut[gradOutOffset + i] as number) - sum);
    }
  }
}

/** gradInput = g - exp(y) * sum(g) in each row; y is log-softmax's output. */
export function logSoftmaxGradF32(
  gradInput: Float32Array,
  gradInputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  output: Float32Array,
  outputOffset: number,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let sum = 0;
    for (let i = at; i < at + columns; i++) sum += gradOut[gradOutOffset + i] as number;
    for (let i = at; i < at + columns; i++) {
      const y = Math.exp(output[outputOffset + i] as number);
      gradInput[gradInputOffset + i] = (gradOut[gradOutOffset + i] as number) - y * sum;
    }
  }
}

type Forward = typeof softmaxF32;

/** Softmax or its logarithm down the columns of [outer, size, inner], through rows. */
const downColumns =
  (kernel: Forward) =>
  (
    out: Float32Array,
    outOffset: number,
    x: Float32Array,
    xOffset: number,
    outer: number,
    size: number,
    inner: number,
  ): void => {
    const line = new Float32Array(size);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const from = o * size * inner + i;
        for (let r = 0; r < size; r++) line[r] = x[xOffset + from + r * inner] as number;
        kernel(line, 0, line.slice(), 0, 1, size);
        for (let r = 0; r < size; r++) out[outOffset + from + r * inner] = line[r] as number;
      }
  };

const downColumnsGrad =
  (kernel: typeof softmaxGradF32) =>
  (
    gradInput: Float32Array,
    gradInputOffset: number,
    gradOut: Float32Array,
    gradOutOffset: number,
    output: Float32Array,
    outputOffset: number,
    outer: number,
    size: number,
    inner: number,
  ): void => {
    const [g, y, line] = [0, 0, 0].map(() => new Float32Array(size)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const from = o * size * inner + i;
        for (let r = 0; r < size; r++) {
          g[r] = gradOut[gradOutOffset + from + r * inner] as number;
          y[r] = output[outputOffset + from + r * inner] as number;
        }
        kernel(line, 0, g, 0, y, 0, 1, size);
        for (let r = 0; r < size; r++)
          gradInput[gradInputOffset + from + r * inner] = line[r] as number;
      }
  };

type Columns = ReturnType<typeof downColumns>;
type ColumnsGrad = ReturnType<typeof downColumnsGrad>;
/** The same down the columns of [outer, size, inner]. */
export const softmaxColumnsF32: Columns = downColumns(softmaxF32);
export const logSoftmaxColumnsF32: Columns = downColumns(logSoftmaxF32);
export const softmaxColumnsGradF32: ColumnsGrad = downColumnsGrad(softmaxGradF32);
export const logSoftmaxColumnsGradF32: ColumnsGrad = downColumnsGrad(logSoftmaxGradF32);
