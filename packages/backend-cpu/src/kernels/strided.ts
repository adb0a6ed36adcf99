// Copies between strided views of one dtype. Dims that lie as one on both sides are merged; 32-bit words go through the
// WebAssembly kernel where they lie densely, else in loops: run by run, or by square tiles where source and target run along
// different dims, so that both stay in the cache.
import { contiguousStrides, numelOf, type TypedArray, type View } from "@tead/tensor";
import { pool } from "../buffer-pool.ts";
import { copyWords, type Dim, eachPlace } from "../wasm/copy.ts";

/** A place in an array and how far apart its elements are along each dim. */
export interface Layout {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Elements along a side of a tile: a row of one is a cache line or two. */
const TILE = 32;
/** Runs shorter than this are copied one by one: `subarray` and `set` cost as much as that many elements. */
const SHORT = 192;

/** The dims from the outermost on, without those of size 1, neighbours that lie as one on both sides joined. */
function joined(shape: readonly number[], to: readonly number[], from: readonly number[]): Dim[] {
  const dims: Dim[] = [];
  for (let d = 0; d < shape.length; d++) {
    const dim = { size: shape[d] as number, to: to[d] as number, from: from[d] as number };
    if (dim.size === 1) continue;
    const last = dims.at(-1);
    if (last !== undefined && last.to === dim.to * dim.size && last.from === dim.from * dim.size)
      dims[dims.length - 1] = { ...dim, size: last.size * dim.size };
    else dims.push(dim);
  }
  return dims;
}

/** The same bits in one array type for each size: few loops, each for one type. */
export function words(array: TypedArray): TypedArray {
  const { BYTES_PER_ELEMENT, buffer, byteOffset, length } = array;
  if (BYTES_PER_ELEMENT === 4) return new Int32Array(buffer, byteOffset, length);
  if (BYTES_PER_ELEMENT === 2) return new Uint16Array(buffer, byteOffset, length);
  if (BYTES_PER_ELEMENT === 1) return new Uint8Array(buffer, byteOffset, length);
  return array;
}

/** a[to + i] = b[from + i] for a run too short for `set`. */
export function copyRun(
  a: TypedArray,
  to: number,
  b: TypedArray,
  from: number,
  count: number,
): void {
  let i = 0;
  for (; i + 7 < count; i += 8, to += 8, from += 8) {
    a[to] = b[from] as never;
    a[to + 1] = b[from + 1] as never;
    a[to + 2] = b[from + 2] as never;
    a[to + 3] = b[from + 3] as never;
    a[to + 4] = b[from + 4] as never;
    a[to + 5] = b[from + 5] as never;
    a[to + 6] = b[from + 6] as never;
    a[to + 7] = b[from + 7] as never;
  }
  for (; i < count; i++, to++, from++) a[to] = b[from] as never;
}

/** rows x columns elements: the target runs along columns, the source along rows. */
type CopyTile = (
  target: TypedArray,
  to: number,
  toRow: number,
  toColumn: number,
  source: TypedArray,
  from: number,
  fromRow: number,
  fromColumn: number,
  rows: number,
  columns: number,
) => void;

// Two functions of one body, so that the one that sees nothing but 32-bit words stays fast.
const tileOfWords = (
  target: Int32Array,
  to: number,
  toRow: number,
  toColumn: number,
  source: Int32Array,
  from: number,
  fromRow: number,
  fromColumn: number,
  rows: number,
  columns: number,
): void => {
  for (let r = 0; r < rows; r++) {
    let [a, b] = [to + r * toRow, from + r * fromRow];
    for (let c = 0; c < columns; c++, a += toColumn, b += fromColumn)
      target[a] = source[b] as number;
  }
};
const tileOfAny: CopyTile = (
  target,
  to,
  toRow,
  toColumn,
  source,
  from,
  fromRow,
  fromColumn,
  rows,
  columns,
) => {
  for (let r = 0; r < rows; r++) {
    let [a, b] = [to + r * toRow, from + r * fromRow];
    for (let c = 0; c < columns; c++, a += toColumn, b += fromColumn)
      target[a] = source[b] as never;
  }
};

/** Copies elements of 32 bits, or of 64 as pairs of them, by the WebAssembly kernel where it pays. */
function copiedAsWords(
  dims: readonly Dim[],
  target: TypedArray,
  to: number,
  source: TypedArray,
  from: number,
): boolean {
  if (target.BYTES_PER_ELEMENT === 4)
    return copyWords(dims, target as Int32Array, to, source as Int32Array, from);
  if (target.BYTES_PER_ELEMENT !== 8) return false;
  const last = dims.at(-1) as Dim;
  const runs = last.to === 1 && last.from === 1;
  const doubled = (d: Dim): Dim => ({ size: d.size, to: 2 * d.to, from: 2 * d.from });
  const outer = (runs ? dims.slice(0, -1) : dims).map(doubled);
  const pairs = [...outer, { size: runs ? 2 * last.size : 2, to: 1, from: 1 }];
  return copyWords(pairs, wordsOf(target), 2 * to, wordsOf(source), 2 * from);
}

const wordsOf = ({ buffer, byteOffset, byteLength }: TypedArray): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / 4);

/** target[to.offset + i . to.strides] = source[from.offset + i . from.strides] for each index i of `shape`; no overlap. */
export function copyStrided(
  shape: readonly number[],
  target: TypedArray,
  to: Layout,
  source: TypedArray,
  from: Layout,
): void {
  if (numelOf(shape) === 0) return;
  const dims = joined(shape, to.strides, from.strides);
  const [a, b] = [words(target), words(source)];
  const single = a instanceof Int32Array;
  const tile = (single ? tileOfWords : tileOfAny) as CopyTile;
  const last = dims.pop();
  if (last === undefined) {
    a[to.offset] = b[from.offset] as never;
    return;
  }
  if (last.to === 1 && last.from === 1 && last.size >= SHORT) {
    eachPlace(dims, to.offset, from.offset, (x, y) =>
      a.set(b.subarray(y, y + last.size) as never, x),
    );
    return;
  }
  if (last.to === 1 && last.from === 0 && last.size >= SHORT) {
    eachPlace(dims, to.offset, from.offset, (x, y) => a.fill(b[y] as never, x, x + last.size));
    return;
  }
  if (copiedAsWords([...dims, last], a, to.offset, b, from.offset)) return;
  // The dim along which the other side runs: the source's, or the target's where the source runs along the last.
  const along = last.from === 1 ? "to" : "from";
  let best = dims.length - 1;
  for (let d = 0; d < dims.length; d++) {
    const [dim, found] = [dims[d] as Dim, dims[best] as Dim];
    if (dim[along] !== 0 && dim[along] < found[along]) best = d;
  }
  const row = best < 0 ? { size: 1, to: 0, from: 0 } : (dims.splice(best, 1)[0] as Dim);
  if (last.from === 1 && last.to === 1) {
    eachPlace(dims, to.offset, from.offset, (x, y) => {
      for (let r = 0; r < row.size; r++) copyRun(a, x + r * row.to, b, y + r * row.from, last.size);
    });
    return;
  }
  eachPlace(dims, to.offset, from.offset, (x, y) => {
    for (let r = 0; r < row.size; r += TILE)
      for (let c = 0; c < last.size; c += TILE)
        tile(
          ...([a, x + r * row.to + c * last.to, row.to, last.to] as const),
          ...([b, y + r * row.from + c * last.from, row.from, last.from] as const),
          ...([Math.min(TILE, row.size - r), Math.min(TILE, last.size - c)] as const),
        );
  });
}

/** The view's elements in order, in an array from the pool; to be given back. */
export function gathered(view: View): TypedArray {
  const count = numelOf(view.shape);
  const values = pool.take(view.dtype, count);
  const to = { offset: 0, strides: contiguousStrides(view.shape) };
  copyStrided(view.shape, values, to, view.buffer as TypedArray, view);
  return values;
}

/** Writes elements in order to where the view's lie. */
export function scattered(values: TypedArray, view: View): void {
  const from = { offset: 0, strides: contiguousStrides(view.shape) };
  copyStrided(view.shape, view.buffer as TypedArray, view, values, from);
}
