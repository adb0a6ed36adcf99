// Freed arrays kept for the next allocation of the same size: fresh pages cost more than most
// kernels. Small arrays are left to the garbage collector, which is faster with them; they are cut
// from slabs, since an allocation of its own costs each as much as a whole op.
import { byteLengthOf, type DType, dtypes, makeArray, type TypedArray } from "@tead/tensor";
import { forgetPacked } from "./wasm/packed-weights.ts";

/** float32 arrays of more elements than this are not kept within the JavaScript heap. */
const ON_HEAP = 16;
/** float32 arrays of at most this many elements share a slab. */
const IN_SLAB = 512;
/** Arrays under this many bytes are not kept. */
const SMALLEST = (IN_SLAB + 1) * 4;
/** What one small tensor that lives long keeps alive at most. */
const SLAB_BYTES = 16384;

let slab = new ArrayBuffer(SLAB_BYTES);
let slabAt = 0;

/** A zeroed array that nobody had before. */
function fresh(dtype: DType, count: number): TypedArray {
  if (dtype !== "float32") return makeArray(dtype, count);
  if (count <= ON_HEAP || count > IN_SLAB) return new Float32Array(count);
  const start = slabAt;
  slabAt += count * 4;
  if (slabAt <= SLAB_BYTES) return new Float32Array(slab, start, count);
  slab = new ArrayBuffer(SLAB_BYTES);
  slabAt = count * 4;
  return new Float32Array(slab, 0, count);
}

/** What a pool holds, and how often it could help. */
export interface PoolInfo {
  readonly bytes: number;
  readonly arrays: number;
}

export class BufferPool {
  readonly #limit: number;
  /** Lists by dtype and count; the ones used longest ago come first. */
  readonly #lists = new Map<number, TypedArray[]>();
  readonly #kinds: ReadonlyMap<unknown, number>;
  #bytes = 0;
  #arrays = 0;

  /** @param limit - The most bytes that it keeps. */
  constructor(limit: number = 256 * 2 ** 20) {
    this.#limit = limit;
    this.#kinds = new Map(dtypes.map((dtype, i) => [makeArray(dtype, 0).constructor, i]));
  }

  /** An array of `count` elements with any contents. */
  take(dtype: DType, count: number): TypedArray {
    if (this.#arrays === 0 || count * byteLengthOf(dtype) < SMALLEST) return fresh(dtype, count);
    const key = this.#key(constructorOf(dtype), count);
    const list = this.#lists.get(key);
    const array = list?.pop();
    if (list === undefined || array === undefined) return fresh(dtype, count);
    this.#forget(array);
    // Used now, so last in line to be dropped.
    this.#lists.delete(key);
    if (list.length > 0) this.#lists.set(key, list);
    return array;
  }

  /** Keeps an array that nobody uses any more. */
  give(array: TypedArray): void {
    forgetPacked(array);
    const { byteLength } = array;
    if (byteLength < SMALLEST || byteLength > this.#limit) return;
    const key = this.#key(array.constructor, array.length);
    const list = this.#lists.get(key) ?? [];
    list.push(array);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    this.#bytes += byteLength;
    this.#arrays++;
    while (this.#bytes > this.#limit) this.#dropOldest();
  }

  info(): PoolInfo {
    return { bytes: this.#bytes, arrays: this.#arrays };
  }

  #key(kind: unknown, count: number): number {
    return count * dtypes.length + (this.#kinds.get(kind) as number);
  }
  #forget(array: TypedArray): void {
    this.#bytes -= array.byteLength;
    this.#arrays--;
  }
  #dropOldest(): void {
    const [key, list] = this.#lists.entries().next().value as [number, TypedArray[]];
    this.#forget(list.shift() as TypedArray);
    if (list.length === 0) this.#lists.delete(key);
  }
}

const constructors = new Map(dtypes.map((dtype) => [dtype, makeArray(dtype, 0).constructor]));
const constructorOf = (dtype: DType): unknown => constructors.get(dtype);

/** The pool of the CPU device, also for what kernels need for a moment. */
export const pool: BufferPool = new BufferPool();
