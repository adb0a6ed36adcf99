// Pooling and its gradients: SIMD for float32 over one or two dims, the plain loops otherwise.
import {
  isContiguous,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import {
  adaptivePoolWindows,
  avgPoolWindows,
  bufferIsArray,
  gatherNumbers,
  maxPoolWindows,
  type PoolWindows,
  scatterNumbers,
  windowOf,
} from "@tead/tensor/kernel-kit";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, type PoolSizes } from "../twins/pool-nd.ts";
import { f32Kernels, type MaxPool2dShape } from "../wasm/index.ts";
import { areSingle, type Floats, read, write } from "./floats.ts";

const f32 = f32Kernels();
type Shape = readonly number[];

const one: PoolWindows = {
  start: Int32Array.of(0),
  end: Int32Array.of(1),
  step: 1,
  count: Int32Array.of(1),
};

/** The sizes of a pool whose input has `shape`, up to three spatial dims as three. */
function sizesOf(
  shape: Shape,
  windows: readonly PoolWindows[],
  divisor?: number | undefined,
): PoolSizes {
  const [width = 1, height = 1, depth = 1] = shape.slice(2).reverse();
  const [columns = one, rows = one, depths = one] = [...windows].reverse();
  const planes = (shape[0] as number) * (shape[1] as number);
  return { planes, input: [depth, height, width], windows: [depths, rows, columns], divisor };
}

interface PoolAttrs {
  readonly kernelSize: Shape;
  readonly stride: Shape;
  readonly padding: Shape;
  readonly dilation?: Shape;
}

/** The shape that the SIMD kernels take, or `undefined` where the pool has more dims. */
function planar(input: Shape, output: Shape, attrs: PoolAttrs): MaxPool2dShape | undefined {
  if (input.length > 4) return undefined;
  const pair = (values: Shape, missing: number): readonly [number, number] => {
    const [column = missing, row = missing] = [...values].reverse();
    return [row, column];
  };
  const [inHeight, inWidth] = pair(input.slice(2), 1);
  const [outHeight, outWidth] = pair(output.slice(2), 1);
  const [kernelHeight, kernelWidth] = pair(attrs.kernelSize, 1);
  const [strideHeight, strideWidth] = pair(attrs.stride, 1);
  const [padHeight, padWidth] = pair(attrs.padding, 0);
  const [dilationHeight, dilationWidth] = pair(attrs.dilation ?? [], 1);
  const planes = (input[0] as number) * (input[1] as number);
  return {
    ...{ planes, inHeight, inWidth, outHeight, outWidth, kernelHeight, kernelWidth },
    ...{ strideHeight, strideWidth, padHeight, padWidth, dilationHeight, dilationWidth },
  };
}

/** Fills two outputs, the second of int32. */
function writeBoth(
  [values, indices]: readonly View[],
  input: View,
  compute: (values: Floats, indices: Int32Array) => void,
): void {
  const places = indices as View;
  const count = numelOf(places.shape);
  const { buffer, dtype, offset } = places;
  if (dtype === "int32" && isContiguous(places) && buffer !== input.buffer) {
    const found = windowOf(buffer as Int32Array, offset, count);
    write(values as View, [input], (y) => compute(y, found));
    return;
  }
  const found = new Int32Array(count);
  write(values as View, [input], (y) => compute(y, found));
  scatterNumbers(found, places, bufferIsArray);
}

const maxPoolKernel: KernelOf<typeof ops.maxPoolOp> = ({ inputs: [x], outputs, attrs }) => {
  const out = outputs[0] as View;
  const shape = areSingle([x, out]) ? planar(x.shape, out.shape, attrs) : undefined;
  const data = read(x);
  writeBoth(outputs, x, (y, indices) => {
    if (shape === undefined)
      maxPool(y, indices, data, sizesOf(x.shape, maxPoolWindows(x.shape.slice(2), attrs)));
    else f32.maxPool2dF32(y as Float32Array, 0, indices, 0, data as Float32Array, 0, shape);
  });
};

const adaptiveMaxPool: KernelOf<typeof ops.adaptiveMaxPoolOp> = ({ inputs, outputs, attrs }) => {
  const [x] = inputs;
  const data = read(x);
  const sizes = sizesOf(x.shape, adaptivePoolWindows(x.shape.slice(2), attrs));
  writeBoth(outputs, x, (y, indices) => maxPool(y, indices, data, sizes));
};

const maxPoolGradKernel: KernelOf<typeof ops.maxPoolGradOp> = (call) => {
  const { inputs, outputs, attrs } = call;
  const [grad, indices] = inputs;
  const [g, found] = [read(grad), gatherNumbers(indices, bufferIsArray)];
  const planes = (grad.shape[0] as number) * (grad.shape[1] as number);
  const inPlane = numelOf(attrs.inputSize);
  const out = outputs[0] as View;
  if (areSingle([grad, out]) && indices.dtype === "int32") {
    const outPlane = planes === 0 ? 0 : found.length / planes;
    write(out, inputs, (dx) => {
      const bad = f32.maxPool2dGradF32(
        ...([dx as Float32Array, 0, g as Float32Array, 0, found as Int32Array, 0] as const),
        ...([planes, inPlane, outPlane] as const),
      );
      if (bad >= 0) call.fail("indexOutOfRange", bad);
    });
    return;
  }
  for (let i = 0; i < found.length; i++)
    if ((found[i] as number) < 0 || (found[i] as number) >= inPlane)
      call.fail("indexOutOfRange", i);
  write(out, inputs, (dx) => maxPoolGrad(dx, g, found, planes, inPlane));
};

const avgPoolKernel: KernelOf<typeof ops.avgPoolOp> = ({ inputs: [x], outputs, attrs }) => {
  const out = outputs[0] as View;
  const { countIncludePad, divisorOverride } = attrs;
  const shape = areSingle([x, out]) ? planar(x.shape, out.shape, attrs) : undefined;
  const data = read(x);
  write(out, [x], (y) => {
    if (shape === undefined) {
      const windows = avgPoolWindows(x.shape.slice(2), attrs);
      avgPool(y, data, sizesOf(x.shape, windows, divisorOverride));
      return;
    }
    const average = { ...shape, countIncludePad, divisorOverride };
    f32.avgPool2dF32(y as Float32Array, 0, data as Float32Array, 0, average);
  });
};

const avgPoolGradKernel: KernelOf<typeof ops.avgPoolGradOp> = ({ inputs, outputs, attrs }) => {
  const [grad] = inputs;
  const out = outputs[0] as View;
  const { countIncludePad, divisorOverride, inputSize } = attrs;
  const shape = areSingle([grad, out]) ? planar(out.shape, grad.shape, attrs) : undefined;
  const g = read(grad);
  write(out, inputs, (dx) => {
    if (shape === undefined) {
      avgPoolGrad(dx, g, sizesOf(out.shape, avgPoolWindows(inputSize, attrs), divisorOverride));
      return;
    }
    const average = { ...shape, countIncludePad, divisorOverride };
    f32.avgPool2dGradF32(dx as Float32Array, 0, g as Float32Array, 0, average);
  });
};

const adaptiveAvgPool: KernelOf<typeof ops.adaptiveAvgPoolOp> = ({ inputs, outputs, attrs }) => {
  const [x] = inputs;
  const out = outputs[0] as View;
  const data = read(x);
  write(out, inputs, (y) => {
    if (isWhole(x, out)) {
      const size = numelOf(x.shape.slice(2));
      f32.reduceF32("sum", y as Float32Array, 0, data as Float32Array, 0, y.length, size, 1);
      for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) / size;
      return;
    }
    avgPool(y, data, sizesOf(x.shape, adaptivePoolWindows(x.shape.slice(2), attrs)));
  });
};

/** Whether all of each plane becomes one number, in float32. */
function isWhole(image: View, pooled: View): boolean {
  const one = pooled.shape.slice(2).every((size) => size === 1);
  return one && areSingle([image, pooled]) && numelOf(image.shape) > 0;
}

const adaptiveAvgPoolGrad: KernelOf<typeof ops.adaptiveAvgPoolGradOp> = (call) => {
  const { inputs, attrs } = call;
  const out = call.outputs[0] as View;
  const g = read(inputs[0]);
  write(out, inputs, (dx) => {
    if (isWhole(out, inputs[0])) {
      const size = numelOf(attrs.inputSize);
      for (let i = 0, at = 0; i < g.length; i++, at += size)
        dx.fill((g[i] as number) / size, at, at + size);
      return;
    }
    avgPoolGrad(dx, g, sizesOf(out.shape, adaptivePoolWindows(attrs.inputSize, attrs)));
  });
};

export const poolKernels: Partial<Kernels> = {
  maxPool: maxPoolKernel,
  maxPoolGrad: maxPoolGradKernel,
  avgPool: avgPoolKernel,
  avgPoolGrad: avgPoolGradKernel,
  adaptiveMaxPool,
  adaptiveAvgPool,
  adaptiveAvgPoolGrad,
};
