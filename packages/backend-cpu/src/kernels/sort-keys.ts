// Elements as unsigned 32-bit words whose order is the order of sorting, -0 equal to 0 and NaN last, and the sorting of
// such words: by insertion where they are few, else digit by digit.
import type { DType, TypedArray } from "@tead/tensor";

/** keys[i] = the word of array[at + i] for i below `count`. */
export type MakeKeys = (
  keys: Uint32Array,
  array: TypedArray,
  at: number,
  count: number,
  descending: boolean,
) => void;

const SIGN = 0x80000000;

/** Patterns of float32 and of the high halves of numbers of 64 bits. */
const ofFloats: MakeKeys = (keys, array, at, count, descending) => {
  const flip = descending ? -1 : 0;
  for (let i = 0; i < count; i++) {
    const bits = array[at + i] as number;
    const size = bits & 0x7fffffff;
    let key = bits ^ ((bits >> 31) | SIGN);
    if (size > 0x7f800000) key = -1;
    else if (size === 0) key = SIGN;
    keys[i] = key ^ flip;
  }
};

/** Patterns of a 16-bit float whose infinity is `infinity`. */
const ofHalves =
  (infinity: number): MakeKeys =>
  (keys, array, at, count, descending) => {
    const flip = descending ? 0xffff : 0;
    for (let i = 0; i < count; i++) {
      const bits = array[at + i] as number;
      const size = bits & 0x7fff;
      let key = bits > size ? bits ^ 0xffff : bits | 0x8000;
      if (size > infinity) key = 0xffff;
      else if (size === 0) key = 0x8000;
      keys[i] = key ^ flip;
    }
  };

/** Integers of at most 32 bits: `sign` is the bit of theirs, `all` are all their bits. */
const ofIntegers =
  (sign: number, all: number): MakeKeys =>
  (keys, array, at, count, descending) => {
    const flip = descending ? sign ^ all : sign;
    for (let i = 0; i < count; i++) keys[i] = (array[at + i] as number) ^ flip;
  };

/** For dtypes of at most 32 bits, read as the integers of their patterns: int32, uint16 or uint8. */
export const makeKeys: Readonly<Partial<Record<DType, MakeKeys>>> = {
  float32: ofFloats,
  float16: ofHalves(0x7c00),
  bfloat16: ofHalves(0x7f80),
  int32: ofIntegers(SIGN, -1),
  int16: ofIntegers(0x8000, 0xffff),
  int8: ofIntegers(0x80, 0xff),
  uint8: ofIntegers(0, 0xff),
  bool: ofIntegers(0, 0xff),
};

/** The low and the high words of `count` elements of 64 bits, given as pairs of int32 from pairs[2 * at] on. */
export function makeLongKeys(
  low: Uint32Array,
  high: Uint32Array,
  pairs: Int32Array,
  at: number,
  count: number,
  float: boolean,
  descending: boolean,
): void {
  const flip = descending ? -1 : 0;
  for (let i = 0; i < count; i++) {
    let l = pairs[2 * (at + i)] as number;
    let h = pairs[2 * (at + i) + 1] as number;
    if (float) {
      const size = h & 0x7fffffff;
      if (size > 0x7ff00000 || (size === 0x7ff00000 && l !== 0)) l = h = -1;
      else if (size === 0 && l === 0) h = SIGN;
      else {
        l ^= h >> 31;
        h ^= (h >> 31) | SIGN;
      }
    } else h ^= SIGN;
    low[i] = l ^ flip;
    high[i] = h ^ flip;
  }
}

/** Up to this many words are sorted by insertion, and up to `SOME` by digits of 8 bits, more by 11. */
const FEW = 40;
const SOME = 6000;

const counts = new Int32Array(3 * 2048);

/** Sorts the first `count` keys and the places that belong to them; equal keys keep their order. */
export class KeySorter {
  readonly #keys: Uint32Array;
  readonly #places: Int32Array;

  /** @param most - The greatest `count`. */
  constructor(most: number) {
    this.#keys = new Uint32Array(most > FEW ? most : 0);
    this.#places = new Int32Array(most > FEW ? most : 0);
  }

  sort(keys: Uint32Array, places: Int32Array, count: number): void {
    if (count <= FEW) insertionSort(keys, places, count);
    else {
      const [bits, digits] = count <= SOME ? [8, 4] : [11, 3];
      const buckets = 1 << bits;
      countDigits(keys, count, bits, digits);
      let [a, p, b, q] = [keys, places, this.#keys, this.#places];
      for (let d = 0; d < digits; d++) {
        if (!startBuckets(d * buckets, buckets, count)) continue;
        spread(a, p, b, q, count, d * bits, buckets - 1, d * buckets);
        [a, p, b, q] = [b, q, a, p];
      }
      if (a === keys) return;
      keys.set(a.subarray(0, count));
      places.set(p.subarray(0, count));
    }
  }
}

function insertionSort(keys: Uint32Array, places: Int32Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const key = keys[i] as number;
    const place = places[i] as number;
    let j = i - 1;
    for (; j >= 0 && (keys[j] as number) > key; j--) {
      keys[j + 1] = keys[j] as number;
      places[j + 1] = places[j] as number;
    }
    keys[j + 1] = key;
    places[j + 1] = place;
  }
}

/** How often each value of each digit occurs. */
function countDigits(keys: Uint32Array, count: number, bits: number, digits: number): void {
  const buckets = 1 << bits;
  const mask = buckets - 1;
  counts.fill(0, 0, digits * buckets);
  for (let i = 0; i < count; i++) {
    const key = keys[i] as number;
    for (let d = 0, first = 0, shift = 0; d < digits; d++, first += buckets, shift += bits) {
      const at = first + ((key >>> shift) & mask);
      counts[at] = (counts[at] as number) + 1;
    }
  }
}

/** Where each bucket starts, in place of how many it holds; false where one holds them all. */
function startBuckets(first: number, buckets: number, count: number): boolean {
  let start = 0;
  for (let i = first; i < first + buckets; i++) {
    const size = counts[i] as number;
    if (size === count) return false;
    counts[i] = start;
    start += size;
  }
  return true;
}

/** One pass: each key to its bucket. */
function spread(
  keys: Uint32Array,
  places: Int32Array,
  toKeys: Uint32Array,
  toPlaces: Int32Array,
  count: number,
  shift: number,
  mask: number,
  first: number,
): void {
  for (let i = 0; i < count; i++) {
    const key = keys[i] as number;
    const bucket = first + ((key >>> shift) & mask);
    const to = counts[bucket] as number;
    counts[bucket] = to + 1;
    toKeys[to] = key;
    toPlaces[to] = places[i] as number;
  }
}
