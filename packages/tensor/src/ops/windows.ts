// Arithmetic of sliding windows, and the views that decompositions of convolution and pooling are
// built from. Spatial dims are the ones after [N, C].
import type { Shape } from "../shape.ts";
import { contiguousStrides } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** How a kernel moves over each spatial dim. */
export interface Sliding {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** The positions of a window along one dim: floor((size + 2 p - d (k - 1) - 1) / s) + 1. */
export function windowCount(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** `windowCount` of every spatial dim. */
export function windowCounts(sizes: Shape, kernel: Shape, sliding: Sliding): number[] {
  const { stride, padding, dilation } = sliding;
  return sizes.map((size, i) =>
    windowCount(
      size,
      kernel[i] as number,
      stride[i] as number,
      padding[i] as number,
      dilation[i] as number,
    ),
  );
}

/** The spatial sizes that `count` windows reach over, from the first element of the first. */
export function reach(count: Shape, kernel: Shape, { stride, dilation }: Sliding): number[] {
  return count.map(
    (n, i) =>
      (n - 1) * (stride[i] as number) + (dilation[i] as number) * ((kernel[i] as number) - 1) + 1,
  );
}

/** Spatial dims cut or filled with zeros to `size`, `before[i]` of them in front; contiguous. */
export function padded(x: Tensor, before: readonly number[], size: Shape): Tensor {
  const own = x.shape.slice(2);
  if (own.every((n, i) => before[i] === 0 && n === size[i])) return x.contiguous();
  const result = x.newZeros([...x.shape.slice(0, 2), ...size]);
  let target = result;
  let source = x;
  own.forEach((n, i) => {
    const first = before[i] as number;
    const length = Math.max(0, Math.min(n, (size[i] as number) - first));
    target = target.narrow(i + 2, Math.min(first, size[i] as number), length);
    source = source.narrow(i + 2, 0, length);
  });
  target.copy_(source);
  return result;
}

/** [N, C, ...kernel, ...windows]: every window's elements, as a view of a contiguous tensor. */
export function patches(x: Tensor, kernel: Shape, count: Shape, sliding: Sliding): Tensor {
  const strides = contiguousStrides(x.shape);
  const spatial = strides.slice(2);
  const scaled = (by: readonly number[]): number[] => spatial.map((s, i) => s * (by[i] as number));
  return x.asStrided(
    [...x.shape.slice(0, 2), ...kernel, ...count],
    [...strides.slice(0, 2), ...scaled(sliding.dilation), ...scaled(sliding.stride)],
  );
}

/** Every position of the kernel, in row-major order. */
export function taps(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>(
    (all, size) => all.flatMap((tap) => Array.from({ length: size }, (_, i) => [...tap, i])),
    [[]],
  );
}

/** The view [N, C, ...count] of the elements that one tap meets. */
export function tapView(
  x: Tensor,
  tap: readonly number[],
  count: Shape,
  { stride, dilation }: Sliding,
): Tensor {
  return tap.reduce((view: Tensor, at, i) => {
    const step = stride[i] as number;
    const start = at * (dilation[i] as number);
    return view.sliceDim(i + 2, {
      start,
      end: start + ((count[i] as number) - 1) * step + 1,
      step,
    });
  }, x);
}

/** Refuses option values that are not one integer of at least `least` a spatial dim. */
export function checkSizes(
  op: string,
  name: string,
  values: readonly number[],
  rank: number,
  least: number,
): void {
  if (values.length === rank && values.every((v) => Number.isInteger(v) && v >= least)) return;
  const count = rank === 1 ? "one integer" : `${rank} integers`;
  throw new RangeError(
    `${op}: Option ${name} is not valid: expected ${count} of at least ${least}, ` +
      `received ${values.length === 1 ? values[0] : `[${values.join(", ")}]`}`,
  );
}
