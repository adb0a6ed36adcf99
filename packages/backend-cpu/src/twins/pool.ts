// The definitions of the float32 pooling kernels, and what runs where WebAssembly SIMD is missing.
import type { AvgPool2dShape, MaxPool2dShape } from "../wasm/pool-shape.ts";

/** Each output's maximum, and where it lies in its input plane (row * width + column): the first of equals, the last NaN. */
export function maxPool2dF32(
  out: Float32Array,
  outOffset: number,
  indices: Int32Array,
  indicesOffset: number,
  input: Float32Array,
  inputOffset: number,
  shape: MaxPool2dShape,
): void {
  const { inHeight, inWidth, dilationHeight, dilationWidth } = shape;
  let to = 0;
  for (let plane = 0; plane < shape.planes; plane++) {
    const from = inputOffset + plane * inHeight * inWidth;
    for (let y = 0; y < shape.outHeight; y++) {
      for (let x = 0; x < shape.outWidth; x++, to++) {
        let best = -Infinity;
        let index = -1;
        for (let kh = 0; kh < shape.kernelHeight; kh++) {
          const h = y * shape.strideHeight - shape.padHeight + kh * dilationHeight;
          if (h < 0 || h >= inHeight) continue;
          for (let kw = 0; kw < shape.kernelWidth; kw++) {
            const w = x * shape.strideWidth - shape.padWidth + kw * dilationWidth;
            if (w < 0 || w >= inWidth) continue;
            const value = input[from + h * inWidth + w] as number;
            // The first position counts even where all are -Infinity.
            if (index < 0 || value > best || Number.isNaN(value)) {
              best = value;
              index = h * inWidth + w;
            }
          }
        }
        out[outOffset + to] = best;
        indices[indicesOffset + to] = index;
      }
    }
  }
}

/**
 * gradInput = 0, then gradInput[plane, indices[plane, i]] += gradOut[plane, i]. Indices outside the plane are left out; returns
 * the position of the first, or -1.
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
  let bad = -1;
  gradInput.fill(0, gradInputOffset, gradInputOffset + planes * inPlane);
  for (let plane = 0; plane < planes; plane++) {
    const to = gradInputOffset + plane * inPlane;
    const first = plane * outPlane;
    for (let i = first; i < first + outPlane; i++) {
      const index = indices[indicesOffset + i] as number;
      if (index < 0 || index >= inPlane) {
        if (bad < 0) bad = i;
        continue;
      }
      gradInput[to + index] =
        (gradInput[to + index] as number) + (gradOut[gradOutOffset + i] as number);
    }
  }
  return bad;
}

type Window = (
  output: number,
  first: number,
  rows: number,
  columns: number,
  divisor: number,
) => void;

/** Calls `visit` for every window that touches the input: output position, first input, extent inside, divisor. */
const eachWindow = (shape: AvgPool2dShape, visit: Window): void => {
  const { inHeight, inWidth, padHeight, padWidth } = shape;
  let output = 0;
  for (let plane = 0; plane < shape.planes; plane++) {
    for (let y = 0; y < shape.outHeight; y++) {
      const h0 = y * shape.strideHeight - padHeight;
      const h1 = Math.min(h0 + shape.kernelHeight, inHeight + padHeight);
      const rows = Math.min(h1, inHeight) - Math.max(h0, 0);
      for (let x = 0; x < shape.outWidth; x++, output++) {
        const w0 = x * shape.strideWidth - padWidth;
        const w1 = Math.min(w0 + shape.kernelWidth, inWidth + padWidth);
        const columns = Math.min(w1, inWidth) - Math.max(w0, 0);
        if (rows <= 0 || columns <= 0) continue;
        const size = shape.countIncludePad ? (h1 - h0) * (w1 - w0) : rows * columns;
        const first = (plane * inHeight + Math.max(h0, 0)) * inWidth + Math.max(w0, 0);
        visit(output, first, rows, columns, shape.divisorOverride ?? size);
      }
    }
  }
};

/** Each output is its window's sum divided by the window's size, or by `divisorOverride`. */
export function avgPool2dF32(
  out: Float32Array,
  outOffset: number,
  input: Float32Array,
  inputOffset: number,
  shape: AvgPool2dShape,
): void {
  out.fill(0, outOffset, outOffset + shape.planes * shape.outHeight * shape.outWidth);
  eachWindow(shape, (output, first, rows, columns, divisor) => {
    let sum = 0;
    for (let h = 0; h < rows; h++) {
      for (let w = 0; w < columns; w++)
        sum += input[inputOffset + first + h * shape.inWidth + w] as number;
    }
    out[outOffset + output] = sum / divisor;
  });
}

/** The gradient of avgPool2dF32: each window's gradient over its divisor goes to all its inputs. */
export function avgPool2dGradF32(
  gradInput: Float32Array,
  gradInputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  shape: AvgPool2dShape,
): void {
  const sums = new Float64Array(shape.planes * shape.inHeight * shape.inWidth);
  eachWindow(shape, (output, first, rows, columns, divisor) => {
    const share = (gradOut[gradOutOffset + output] as number) / divisor;
    for (let h = 0; h < rows; h++) {
      for (let w = 0; w < columns; w++) {
        const at = first + h * shape.inWidth + w;
        sums[at] = (sums[at] as number) + share;
      }
    }
  });
  gradInput.set(sums, gradInputOffset);
}
