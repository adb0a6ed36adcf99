// Sorting and the k greatest or least, row by row along one dim: elements become words that sort as they do.
import type { DType, KernelOf, Kernels, ops, TypedArray, View } from "@tead/tensor";
import { withResult, withValues } from "./indexing.ts";
import { KeySorter, makeKeys, makeLongKeys } from "./sort-keys.ts";
import { words } from "./strided.ts";

/** The view with `dim` as its last dim. */
function dimLast(view: View, dim: number): View {
  const rank = view.shape.length;
  if (dim === rank - 1 || rank === 0) return view;
  const { buffer, dtype, offset } = view;
  const order = [...view.shape.keys()].toSpliced(dim, 1).concat(dim);
  const shape = order.map((d) => view.shape[d] as number);
  return { buffer, dtype, offset, shape, strides: order.map((d) => view.strides[d] as number) };
}

/** Puts the places of one row's elements, from array[at] on, in order. */
type OrderRow = (array: TypedArray, at: number, places: Int32Array) => void;

/** Sorts rows of `size` elements. */
function orderBy(dtype: DType, size: number, descending: boolean): OrderRow {
  const sorter = new KeySorter(size);
  const keys = new Uint32Array(size);
  const make = makeKeys[dtype];
  if (make !== undefined)
    return (array, at, places) => {
      make(keys, array, at, size, descending);
      for (let i = 0; i < size; i++) places[i] = i;
      sorter.sort(keys, places, size);
    };
  const high = new Uint32Array(size);
  let source: TypedArray | undefined;
  let pairs: Int32Array = new Int32Array(0);
  return (array, at, places) => {
    if (array !== source) pairs = new Int32Array(array.buffer, array.byteOffset, array.length * 2);
    source = array;
    makeLongKeys(keys, high, pairs, at, size, dtype === "float64", descending);
    for (let i = 0; i < size; i++) places[i] = i;
    // By the low words first: the order among equal high words is theirs.
    sorter.sort(keys, places, size);
    for (let i = 0; i < size; i++) keys[i] = high[places[i] as number] as number;
    sorter.sort(keys, places, size);
  };
}

/** Up to this many are picked out in one pass over the row. */
const PICKED = 32;

/** Finds the first `k` of a sorted row without sorting all of it. */
function pickBy(dtype: DType, size: number, k: number, descending: boolean): OrderRow {
  const make = makeKeys[dtype];
  if (make === undefined || k > PICKED || k * 4 > size) return orderBy(dtype, size, descending);
  const keys = new Uint32Array(size);
  const best = new Uint32Array(k);
  return (array, at, places) => {
    make(keys, array, at, size, descending);
    let found = 0;
    let worst = 0xffffffff;
    for (let i = 0; i < size; i++) {
      const key = keys[i] as number;
      // Of equal elements the first stay.
      if (key >= worst && found === k) continue;
      let j = found < k ? found++ : k - 1;
      for (; j > 0 && (best[j - 1] as number) > key; j--) {
        best[j] = best[j - 1] as number;
        places[j] = places[j - 1] as number;
      }
      best[j] = key;
      places[j] = i;
      worst = best[found - 1] as number;
    }
  };
}

/** The first `k` elements of each ordered row, and their places. */
function ranked(
  input: View,
  outputs: readonly View[],
  dim: number,
  k: number,
  order: (size: number) => OrderRow,
): void {
  if (k === 0) return;
  const [valuesOut, indicesOut] = outputs as readonly [View, View];
  const view = dimLast(input, dim);
  const size = view.shape.at(-1) ?? 1;
  const orderRow = order(size);
  const places = new Int32Array(size);
  const rows = view.shape.reduce((product, n) => product * n, 1) / Math.max(size, 1);
  withValues(view, ({ array, at }) =>
    withResult(dimLast(valuesOut, dim), [input], (values, to) =>
      withResult(dimLast(indicesOut, dim), [input], (indices, first) => {
        const [a, b] = [words(values), words(array)];
        for (let row = 0; row < rows; row++) {
          const from = at + row * size;
          orderRow(b, from, places);
          putRow(a, to + row * k, b, from, indices as Int32Array, first + row * k, places, k);
        }
      }),
    ),
  );
}

function putRow(
  values: TypedArray,
  to: number,
  array: TypedArray,
  from: number,
  indices: Int32Array,
  first: number,
  places: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const place = places[i] as number;
    indices[first + i] = place;
    values[to + i] = array[from + place] as never;
  }
}

const sort: KernelOf<typeof ops.sortOp> = ({ inputs: [input], outputs, attrs }) => {
  const { dim, descending } = attrs;
  const order = (size: number): OrderRow => orderBy(input.dtype, size, descending);
  ranked(input, outputs, dim, input.shape[dim] ?? 1, order);
};

const topk: KernelOf<typeof ops.topkOp> = ({ inputs: [input], outputs, attrs }) => {
  const { dim, k, largest } = attrs;
  ranked(input, outputs, dim, k, (size) => pickBy(input.dtype, size, k, largest));
};

export const sortKernels: Pick<Kernels, "sort" | "topk"> = { sort, topk };
