// Elementwise kernels over operands that need not lie as the result does: the loop that fills a chunk of scratch memory
// repeats rows, spreads numbers over rows and leaves what stays the same in place, so that kernels see contiguous data.
import { reserve, wasmEngine } from "./engine.ts";

/** Elements of each operand in a chunk, and the bytes of its area: a vector longer, and off the cache's period. */
const CHUNK = 4096;
const AREA = CHUNK * 4 + 1088;
/** Below this many elements a loop beats the fixed cost of `subarray` and `set`. */
const LOOP_LIMIT = 48;

/** What kernels read and write, as it lies in memory: bit by bit, where it is no number to JavaScript either. */
export type Elements = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/**
 * A strided operand in row-major order: neighbouring dims that lie as one are merged, and the last stride is 0 or 1. With
 * no dims it is one element for all.
 */
export interface Operand {
  readonly data: Elements;
  readonly offset: number;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

/** `count` elements as they lie. */
export const dense = (data: Float32Array, offset: number, count: number): Operand => ({
  data,
  offset,
  sizes: [count],
  strides: [1],
});

/**
 * to = f(a, b, c) for `count` elements at byte addresses; operands that are missing are 0. Where it returns a number other
 * than 0 there is no result.
 */
export type ChunkKernel = (to: number, a: number, b: number, c: number, count: number) => unknown;

/** The memory as elements like those of `data`. */
const memoryLike = (data: Elements, buffer: ArrayBufferLike): Elements => {
  if (data instanceof Float32Array) return new Float32Array(buffer);
  if (data instanceof Uint8Array) return new Uint8Array(buffer);
  return data instanceof Int32Array ? new Int32Array(buffer) : new BigInt64Array(buffer);
};

/** After how many elements the operand repeats itself; Infinity if never. */
const periodOf = ({ sizes, strides }: Operand): number => {
  if (sizes.length === 0) return 1;
  if (strides[0] !== 0) return Number.POSITIVE_INFINITY;
  let period = 1;
  for (let d = 1; d < sizes.length; d++) period *= sizes[d] as number;
  return period;
};

/** Reads an operand front to back into its area of scratch memory. */
class Reader {
  readonly #operand: Operand;
  readonly #memory: Elements;
  readonly #at: number;
  readonly #index: number[];
  #base: number;
  #position = 0;

  constructor(operand: Operand, buffer: ArrayBufferLike, byteAddress: number) {
    this.#operand = operand;
    this.#memory = memoryLike(operand.data, buffer);
    this.#at = byteAddress / operand.data.BYTES_PER_ELEMENT;
    this.#index = new Array<number>(Math.max(operand.sizes.length - 1, 0)).fill(0);
    this.#base = operand.offset;
  }

  /** The next `count` elements. */
  fill(count: number): void {
    const { data, sizes, strides } = this.#operand;
    const last = sizes.length - 1;
    if (last < 0) {
      this.#memory.fill(data[this.#base] as never, this.#at, this.#at + count);
      return;
    }
    const [length, step] = [sizes[last] as number, strides[last] as number];
    for (let to = this.#at, end = to + count; to < end; ) {
      const run = Math.min(length - this.#position, end - to);
      if (step === 0) this.#repeat(to, data[this.#base] as never, run);
      else this.#copy(to, this.#base + this.#position, run);
      to += run;
      this.#position += run;
      if (this.#position === length) this.#advance(last - 1);
    }
  }

  #repeat(to: number, value: never, count: number): void {
    if (count >= LOOP_LIMIT) this.#memory.fill(value, to, to + count);
    else for (let i = 0; i < count; i++) this.#memory[to + i] = value;
  }

  #copy(to: number, from: number, count: number): void {
    const { data } = this.#operand;
    if (count >= LOOP_LIMIT) this.#memory.set(data.subarray(from, from + count) as never, to);
    else for (let i = 0; i < count; i++) this.#memory[to + i] = data[from + i] as never;
  }

  /** On to the next run: counts up `dim`, and those before it where it is full. */
  #advance(dim: number): void {
    const { sizes, strides } = this.#operand;
    this.#position = 0;
    for (let d = dim; d >= 0; d--) {
      const [size, stride] = [sizes[d] as number, strides[d] as number];
      const next = (this.#index[d] as number) + 1;
      this.#index[d] = next === size ? 0 : next;
      this.#base += next === size ? stride * (1 - size) : stride;
      if (next !== size) return;
    }
  }
}

/** Whole periods of what repeats itself, as many as fit, so that it need not be filled in again. */
const chunkLength = (operands: readonly Operand[], most: number): number => {
  let longest = 1;
  for (const operand of operands) {
    const period = periodOf(operand);
    if (period <= most && period > longest) longest = period;
  }
  return Math.floor(most / longest) * longest;
};

/**
 * out[outOffset + i] = kernel of element i of the operands, up to three, for i below `count`. False as soon as the kernel says
 * that there is no result.
 */
export function mapChunks(
  kernel: ChunkKernel,
  out: Elements,
  outOffset: number,
  operands: readonly Operand[],
  count: number,
): boolean {
  if (count === 0) return true;
  const engine = wasmEngine();
  const base = reserve(engine, AREA * 4);
  const { buffer } = engine.f32;
  const bytes = out.BYTES_PER_ELEMENT;
  const first = operands[0] as Operand;
  const widest = Math.max(bytes, first.data.BYTES_PER_ELEMENT, 4);
  const chunk = Math.min(chunkLength(operands, (CHUNK * 4) / widest), count);
  const readers: Reader[] = [];
  const moving: Reader[] = [];
  operands.forEach((operand, k) => {
    const reader = new Reader(operand, buffer, base + k * AREA);
    readers.push(reader);
    if (chunk % periodOf(operand) !== 0) moving.push(reader);
  });
  for (const reader of readers) reader.fill(chunk);
  // In place, unless the first operand stays, or its elements are narrower than the result's.
  const inPlace = moving[0] === readers[0] && first.data.BYTES_PER_ELEMENT >= out.BYTES_PER_ELEMENT;
  const to = inPlace ? base : base + AREA * 3;
  const result = memoryLike(out, buffer).subarray(to / bytes, to / bytes + chunk);
  for (let i = 0; i < count; i += chunk) {
    const n = Math.min(chunk, count - i);
    if (i > 0) for (const reader of moving) reader.fill(n);
    const failed = kernel(to, base, base + AREA, base + AREA * 2, n);
    if (failed) return false;
    out.set((n === chunk ? result : result.subarray(0, n)) as never, outOffset + i);
  }
  return true;
}
