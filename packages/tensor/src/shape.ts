// Arithmetic on shapes and strides. Knows no tensors.
import { ShapeError } from "./errors.ts";

/** Sizes, outermost dim first; `[]` for one element without dims. */
export type Shape = readonly number[];

/** How a view lies in its storage, in elements. */
export interface Geometry {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The number of elements of a shape. */
export function numelOf(shape: Shape): number {
  let count = 1;
  for (let i = 0; i < shape.length; i++) count *= shape[i] as number;
  return count;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides; a dim of size 0 counts as 1, as in PyTorch. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= Math.max(shape[i] as number, 1);
  }
  return strides;
}

const none: readonly number[] = [];
const one: readonly number[] = [1];
/** By columns: what most matrices have. */
const ofMatrices: (readonly number[])[] = [];
const MOST_COLUMNS = 1024;

/** The same, to be read only: tensors of a few dims share them. @internal */
export function sharedStrides(shape: Shape): readonly number[] {
  const rank = shape.length;
  if (rank === 0) return none;
  if (rank === 1) return one;
  const columns = Math.max(shape[1] as number, 1);
  if (rank > 2 || columns > MOST_COLUMNS) return contiguousStrides(shape);
  while (ofMatrices.length <= columns) ofMatrices.push([ofMatrices.length, 1]);
  return ofMatrices[columns] as readonly number[];
}

/** Whether the elements lie one after the other in row-major order. */
export function isContiguous({ shape, strides }: Omit<Geometry, "offset">): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i] as number;
    if (size === 0) return true;
    if (size !== 1) {
      if (strides[i] !== expected) return false;
      expected *= size;
    }
  }
  return true;
}

/** A shape as errors write it: `[2, 3]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Who refused, where the caller is no op that dispatch names. */
const named = (op: string | undefined): { readonly op?: string } =>
  op === undefined ? {} : { op };

/** A dim counted from the front, checked: `-1` is the last. A 0-d tensor takes 0 and -1. */
export function normalizeDim(dim: number, rank: number, op?: string): number {
  const range = Math.max(rank, 1);
  if (!Number.isInteger(dim) || dim < -range || dim >= range)
    throw new ShapeError(
      `Dim is out of range: expected an integer from ${-range} to ${range - 1}, received ${dim}`,
      named(op),
    );
  return dim < 0 ? dim + range : dim;
}

/** Several dims, checked, without repeats; `undefined` or none means all. */
export function normalizeDims(
  dims: readonly number[] | undefined,
  rank: number,
  op?: string,
): number[] {
  const all = dims === undefined || dims.length === 0;
  const normal: number[] = [];
  for (let i = 0; i < (all ? rank : dims.length); i++) {
    const dim = all ? i : normalizeDim(dims[i] as number, rank, op);
    if (normal.includes(dim))
      throw new ShapeError(
        `Dims repeat: expected each dim once, received [${dims?.join(", ")}]`,
        named(op),
      );
    normal.push(dim);
  }
  return normal;
}

/** The shape that all of `shapes` broadcast to. */
export function broadcastShapes(...shapes: readonly Shape[]): Shape {
  let result = shapes[0] ?? [];
  for (let i = 1; i < shapes.length; i++) result = broadcastTwo(result, shapes[i] as Shape);
  return result;
}

function broadcastTwo(a: Shape, b: Shape): Shape {
  if (sameShape(a, b) || b.length === 0) return a;
  if (a.length === 0) return b;
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const sizeA = a[a.length - i] ?? 1;
    const sizeB = b[b.length - i] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1)
      throw new ShapeError(
        `Cannot broadcast ${formatShape(a)} with ${formatShape(b)}: expected equal sizes or 1 ` +
          `at dim ${rank - i}, received ${sizeA} and ${sizeB}`,
      );
    result[rank - i] = sizeA === 1 ? sizeB : sizeA;
  }
  return result;
}

/** The strides that read `view` as if it had `shape`: 0 along each broadcast dim. */
export function broadcastStrides(
  { shape: from, strides }: Omit<Geometry, "offset">,
  shape: Shape,
): number[] {
  const lead = shape.length - from.length;
  const result = new Array<number>(shape.length);
  for (let i = 0; i < shape.length; i++)
    result[i] = i >= lead && from[i - lead] === shape[i] ? (strides[i - lead] as number) : 0;
  return result;
}

/** Whether two elements of the view may share one place (an expanded view). */
export function selfOverlaps({ shape, strides }: Omit<Geometry, "offset">): boolean {
  if (isContiguous({ shape, strides })) return false;
  const dims = shape
    .map((size, i) => ({ size, stride: Math.abs(strides[i] as number) }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { size, stride } of dims) {
    if (stride <= reach) return true;
    reach += (size - 1) * stride;
  }
  return false;
}

/**
 * Strides that show the same elements under another shape, or `undefined` where a copy is
 * needed (PyTorch's `computeStride`).
 */
export function viewStrides(
  { shape, strides }: Omit<Geometry, "offset">,
  target: Shape,
): number[] | undefined {
  if (numelOf(shape) === 0) return contiguousStrides(target);
  const result = new Array<number>(target.length);
  let to = target.length - 1;
  let chunkStride = strides[strides.length - 1] ?? 1;
  let chunk = 1;
  let viewed = 1;
  for (let from = shape.length - 1; from >= 0; from--) {
    chunk *= shape[from] as number;
    const next = shape[from - 1];
    // A chunk of dims ends where the next one out does not continue it in memory.
    const ends = from === 0 || (next !== 1 && strides[from - 1] !== chunk * chunkStride);
    if (!ends) continue;
    while (to >= 0 && (viewed < chunk || target[to] === 1)) {
      result[to] = viewed * chunkStride;
      viewed *= target[to] as number;
      to--;
    }
    if (viewed !== chunk) return undefined;
    if (from > 0) {
      chunkStride = strides[from - 1] as number;
      chunk = 1;
      viewed = 1;
    }
  }
  for (; to >= 0; to--) result[to] = chunkStride;
  return result;
}

/** A shape with at most one -1 filled in so that it holds `numel` elements. */
export function inferShape(shape: Shape, numel: number, op?: string): number[] {
  const free = shape.indexOf(-1);
  let known = 1;
  let valid = true;
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i] as number;
    if (!Number.isInteger(size) || (size < 0 && i !== free)) valid = false;
    if (i !== free) known *= size;
  }
  const size = known === 0 ? 0 : numel / known;
  const fits = free < 0 ? known === numel : known !== 0 && Number.isInteger(size);
  if (!valid || !fits)
    throw new ShapeError(
      `Cannot view ${numel} elements as ${formatShape(shape)}: expected a shape of as many elements`,
      named(op),
    );
  return free < 0 ? [...shape] : shape.with(free, size);
}

/** Checks that a shape is made of non-negative integers. */
export function checkShape(shape: Shape, op?: string): Shape {
  for (const size of shape)
    if (!Number.isInteger(size) || size < 0)
      throw new ShapeError(
        `Shape is not valid: expected non-negative integers, received ${formatShape(shape)}`,
        named(op),
      );
  return shape;
}
