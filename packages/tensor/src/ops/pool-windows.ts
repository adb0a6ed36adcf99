// Which input positions each pooling window covers, one dim at a time: shared by the rules, the
// decompositions and the kernels of every backend. Plain arithmetic, no tensors.
import type { Shape } from "../shape.ts";

export interface PoolAttrs {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  /** Whether a last window may reach over the end, as long as it starts before it. */
  readonly ceilMode: boolean;
}
export interface MaxPoolAttrs extends PoolAttrs {
  readonly dilation: readonly number[];
}
export interface AvgPoolAttrs extends PoolAttrs {
  /** Whether padding counts as elements of the window. */
  readonly countIncludePad: boolean;
  /** What to divide every sum by, in place of the window's size. */
  readonly divisorOverride?: number | undefined;
}
export interface AdaptivePoolAttrs {
  /** The output's spatial sizes. */
  readonly outputSize: Shape;
}

/** The windows of one dim: window i covers start[i], start[i] + step, ... before end[i]. */
export interface PoolWindows {
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly step: number;
  /** How many elements each window counts for in an average. */
  readonly count: Int32Array;
}

/** How many windows one dim has: PyTorch's `pooling_output_shape`. */
export function pooledCount(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): number {
  const room = size + 2 * padding - dilation * (kernel - 1) - 1;
  const count = Math.floor((room + (ceilMode ? stride - 1 : 0)) / stride) + 1;
  // The last window has to start inside the input or the padding before it.
  return ceilMode && (count - 1) * stride >= size + padding ? count - 1 : count;
}

/** The output's spatial sizes. */
export function pooledSizes(
  sizes: Shape,
  attrs: PoolAttrs & { readonly dilation?: readonly number[] },
): number[] {
  const { kernelSize, stride, padding, dilation, ceilMode } = attrs;
  return sizes.map((size, i) =>
    pooledCount(
      size,
      kernelSize[i] as number,
      stride[i] as number,
      padding[i] as number,
      dilation?.[i] ?? 1,
      ceilMode,
    ),
  );
}

function build(
  count: number,
  step: number,
  range: (i: number) => readonly [start: number, end: number, count: number],
): PoolWindows {
  const windows = {
    start: new Int32Array(count),
    end: new Int32Array(count),
    step,
    count: new Int32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const [start, end, counted] = range(i);
    windows.start[i] = start;
    windows.end[i] = end;
    windows.count[i] = counted;
  }
  return windows;
}

/** The windows of max pooling, padding left out. */
export function maxPoolWindows(sizes: Shape, attrs: MaxPoolAttrs): PoolWindows[] {
  const counts = pooledSizes(sizes, attrs);
  return sizes.map((size, d) => {
    const kernel = attrs.kernelSize[d] as number;
    const dilation = attrs.dilation[d] as number;
    return build(counts[d] as number, dilation, (i) => {
      const first = i * (attrs.stride[d] as number) - (attrs.padding[d] as number);
      const start = first < 0 ? first + Math.ceil(-first / dilation) * dilation : first;
      const end = Math.min(first + (kernel - 1) * dilation + 1, size);
      return [start, end, Math.ceil((end - start) / dilation)];
    });
  });
}

/** The windows of average pooling, padding left out; `count` is what a window's sum is divided by. */
export function avgPoolWindows(sizes: Shape, attrs: AvgPoolAttrs): PoolWindows[] {
  const counts = pooledSizes(sizes, attrs);
  return sizes.map((size, d) => {
    const padding = attrs.padding[d] as number;
    return build(counts[d] as number, 1, (i) => {
      const first = i * (attrs.stride[d] as number) - padding;
      const last = Math.min(first + (attrs.kernelSize[d] as number), size + padding);
      const start = Math.max(first, 0);
      const end = Math.min(last, size);
      return [start, end, attrs.countIncludePad ? last - first : end - start];
    });
  });
}

/** Windows from floor(i n / m) to ceil((i + 1) n / m): m of them cover n elements. */
export function adaptivePoolWindows(
  sizes: Shape,
  { outputSize }: AdaptivePoolAttrs,
): PoolWindows[] {
  return sizes.map((size, d) => {
    const count = outputSize[d] as number;
    return build(count, 1, (i) => {
      const start = Math.floor((i * size) / count);
      const end = Math.ceil(((i + 1) * size) / count);
      return [start, end, end - start];
    });
  });
}

/** The position that each window has at one tap; a window with fewer taps repeats its last. */
export function positionsAt({ start, end, step }: PoolWindows, tap: number): Int32Array {
  return start.map((from, i) => {
    const taps = Math.ceil(((end[i] as number) - from) / step);
    return from + Math.min(tap, taps - 1) * step;
  });
}

/** How many taps the largest window has. */
export function tapCount({ start, end, step }: PoolWindows): number {
  return start.reduce((most, from, i) => Math.max(most, Math.ceil((end[i]! - from) / step)), 0);
}
