// The matrix product, and the linear layer. Operands are read through their strides, so that
// transposed and broadcast ones need no copy.
import type { KernelOf, Kernels, ops, View } from "@tead/tensor";
import { broadcastStrides, numelOf } from "@tead/tensor";
import type { Gpu } from "../gpu/gpu.ts";
import { numberType } from "../wgsl/elements.ts";
import { densely, separate } from "./aliases.ts";
import { runProduct } from "./product.ts";
import { type Batch, plainOperand, plainTarget } from "./product-parts.ts";

export const matmulKernels = (gpu: Gpu): Pick<Kernels, "matmul" | "linear"> => ({
  matmul: matmulKernel(gpu),
  linear: linearKernel(gpu),
});

function matmulKernel(gpu: Gpu): KernelOf<typeof ops.matmulOp> {
  return ({ inputs, outputs: [output] }) => {
    const y = output as View;
    separate(gpu, "matmul", inputs, [y], ([a, b]) => multiply(gpu, a as View, b as View, y));
  };
}

function multiply(gpu: Gpu, a: View, b: View, y: View): void {
  const shape = y.shape.slice(0, -2);
  const [m, n] = y.shape.slice(-2) as [number, number];
  const k = a.shape.at(-1) as number;
  const over = (view: View): Batch => {
    const own = { shape: view.shape.slice(0, -2), strides: view.strides.slice(0, -2) };
    return { shape, strides: broadcastStrides(own, shape) };
  };
  const [aRow, aColumn] = a.strides.slice(-2) as [number, number];
  const [bRow, bColumn] = b.strides.slice(-2) as [number, number];
  const [yRow, yColumn] = y.strides.slice(-2) as [number, number];
  runProduct(gpu, {
    op: "matmul",
    type: numberType(y.dtype),
    ...{ m, n, k },
    batches: numelOf(shape),
    a: plainOperand("a", a, over(a), aRow, { inner: aColumn }, k),
    b: plainOperand("b", b, over(b), bColumn, { inner: bRow }, k),
    target: plainTarget(y, over(y), yRow, { inner: yColumn }),
  });
}

const noBatch: Batch = { shape: [], strides: [] };

/** y = x W^T + b, with the rows of x as one dim. */
function linearKernel(gpu: Gpu): KernelOf<typeof ops.linearOp> {
  return ({ inputs: [input, weight, bias], outputs }) => {
    densely(gpu, "linear", [input], outputs, ([rows], [result]) => {
      const [x, y] = [rows as View, result as View];
      separate(gpu, "linear", bias === undefined ? [weight] : [weight, bias], outputs, (views) => {
        const [w, b] = views as readonly [View, View | undefined];
        const [n, k] = w.shape as [number, number];
        runProduct(gpu, {
          op: "linear",
          type: numberType(y.dtype),
          ...{ m: numelOf(y.shape) / Math.max(n, 1), n, k },
          batches: 1,
          a: plainOperand("a", x, noBatch, k, { inner: 1 }, k),
          b: plainOperand("b", w, noBatch, w.strides[0] ?? 0, { inner: w.strides[1] ?? 0 }, k),
          target: plainTarget(
            y,
            noBatch,
            n,
            { inner: 1 },
            b === undefined ? b : { view: b, along: "column" },
          ),
        });
      });
    });
  };
}
