// Copies between strided layouts of 32-bit words, through scratch memory block by block: both sides of a block are moved as
// they lie, and put in order there. The twin is the loop of kernels/strided.ts.

import { type Engine, reserve, wasmAvailable, wasmEngine } from "./engine.ts";
import type { KernelDims } from "./exports.ts";

/** A dim and how far apart its elements are on either side. */
export interface Dim {
  readonly size: number;
  readonly to: number;
  readonly from: number;
}

/** Words of a block on either side, so that both stay in the second cache. */
const BLOCK = 32768;
/** Words of a source that is brought in as a whole where no block of it has all that a block of the target needs. */
const WHOLE = 1 << 20;
/** Words of a block of the target then. */
const PART = 1 << 17;
/** Copies of fewer words are left to the loops. */
const FEW = 1024;
/** Dims that the kernel has. */
const RANK = 4;

/** Elements `i * dims.size` apart and less: from the first to the last, and how many there are. */
function extentOf(dims: readonly Dim[], side: "to" | "from"): { span: number; count: number } {
  let span = 1;
  let count = 1;
  for (const dim of dims) {
    if (dim[side] === 0) continue;
    span += (dim.size - 1) * dim[side];
    count *= dim.size;
  }
  return { span, count };
}

/** How many indices of a dim fit: spans grow by `stride` with each. */
const most = (room: number, inner: number, stride: number): number =>
  stride === 0 ? Number.POSITIVE_INFINITY : Math.floor((room - inner) / stride) + 1;

/** `rows` indices of dims[0] are copied at a time, the other dims as a whole; the source as a whole at once or in parts. */
interface Plan {
  readonly depth: number;
  readonly rows: number;
  readonly whole: boolean;
}

/** Whole squares of the kernel, where there is at least one. */
const even = (rows: number): number => (rows >= 16 ? rows & ~15 : rows >= 4 ? rows & ~3 : rows);

/** The smallest block, from the innermost dims on, that is dense on both sides. */
function planOf(dims: readonly Dim[]): Plan | undefined {
  let fallback: Plan | undefined;
  for (let depth = dims.length - 1; depth >= 0 && dims.length - depth <= RANK; depth--) {
    const dim = dims[depth] as Dim;
    const rest = dims.slice(depth + 1);
    const [to, from] = [extentOf(rest, "to").span, extentOf(rest, "from").span];
    const rows = Math.min(dim.size, most(BLOCK, to, dim.to), most(BLOCK, from, dim.from));
    if (isWorth([{ ...dim, size: rows }, ...rest], "to", "from"))
      return { depth, rows, whole: false };
    const few = Math.min(dim.size, even(most(PART, to, dim.to)));
    const all = dims.slice(depth);
    if (extentOf(all, "from").span > WHOLE) break;
    if (isWorth([{ ...dim, size: few }, ...rest], "to") && isWorth(all, "from"))
      fallback ??= { depth, rows: few, whole: true };
  }
  return fallback;
}

/** Whether a block has enough elements, and lies densely on these sides. */
function isWorth(block: readonly Dim[], ...sides: ("to" | "from")[]): boolean {
  if (!((block[0] as Dim).size >= 1)) return false;
  return sides.every((side) => {
    const { span, count } = extentOf(block, side);
    return span <= 4 * count && (side === "from" || count >= FEW);
  });
}

/** Copies words if there are enough of them and the kernel can run here; false, with nothing done, where not. No overlap. */
export function copyWords(
  dims: readonly Dim[],
  target: Int32Array,
  to: number,
  source: Int32Array,
  from: number,
): boolean {
  const total = dims.reduce((product, { size }) => product * size, 1);
  if (total < FEW || !wasmAvailable()) return false;
  if (dims.some((dim) => dim.to <= 0 || dim.from < 0)) return false;
  const sorted = dims.toSorted((a, b) => b.to - a.to);
  const plan = planOf(sorted);
  if (plan === undefined) return false;
  const blocks = new Blocks(wasmEngine(), plan, sorted.slice(plan.depth), target, source);
  eachPlace(sorted.slice(0, plan.depth), to, from, (x, y) => blocks.copy(x, y));
  return true;
}

/** Calls `visit` with the places of each index of `dims`. */
export function eachPlace(
  dims: readonly Dim[],
  to: number,
  from: number,
  visit: (to: number, from: number) => void,
): void {
  const [dim, ...rest] = dims;
  if (dim === undefined) {
    visit(to, from);
    return;
  }
  for (let i = 0; i < dim.size; i++) eachPlace(rest, to + i * dim.to, from + i * dim.from, visit);
}

/** The dims in the kernel's order: the target runs along the last, the source along it or the one before. */
function ordered(dims: readonly Dim[]): Dim[] {
  const result = dims.toSorted((a, b) => b.to - a.to);
  const last = result.at(-1) as Dim;
  const row = last.from === 1 ? -1 : result.findIndex(({ from }) => from === 1);
  if (row >= 0) result.splice(-1, 0, ...result.splice(row, 1));
  return result;
}

/** Copies one block after the other. */
class Blocks {
  readonly #engine: Engine;
  readonly #plan: Plan;
  readonly #dim: Dim;
  readonly #inner: readonly Dim[];
  readonly #target: Int32Array;
  readonly #source: Int32Array;
  /** Where the kernel has the size of the dim that is cut. */
  readonly #cut: number;
  /** (size, to, from) of each dim of the kernel. */
  readonly #dims: number[];
  readonly #toSpan: number;
  readonly #fromSpan: number;

  constructor(
    engine: Engine,
    plan: Plan,
    dims: readonly Dim[],
    target: Int32Array,
    source: Int32Array,
  ) {
    this.#engine = engine;
    this.#plan = plan;
    this.#dim = dims[0] as Dim;
    this.#inner = dims.slice(1);
    this.#target = target;
    this.#source = source;
    const order = ordered(dims);
    while (order.length < RANK) order.unshift({ size: 1, to: 0, from: 0 });
    this.#cut = order.indexOf(this.#dim) * 3;
    this.#dims = order.flatMap((d) => [d.size, d.to, d.from]);
    this.#toSpan = extentOf(this.#inner, "to").span;
    this.#fromSpan = extentOf(this.#inner, "from").span;
  }

  copy(to: number, from: number): void {
    const { whole, rows } = this.#plan;
    const { size, to: toStep, from: fromStep } = this.#dim;
    const room = this.#fromSpan + ((whole ? size : rows) - 1) * fromStep;
    const base = reserve(this.#engine, (room + PART + 32) * 4);
    const memory = this.#engine.i32;
    const first = base >> 2;
    const second = first + ((room + 15) & ~15);
    if (whole) memory.set(this.#source.subarray(from, from + room), first);
    for (let r = 0; r < size; r += rows) {
      const n = Math.min(rows, size - r);
      const start = from + r * fromStep;
      const span = this.#fromSpan + (n - 1) * fromStep;
      if (!whole) memory.set(this.#source.subarray(start, start + span), first);
      this.#block(to + r * toStep, second, first + (whole ? r * fromStep : 0), n);
    }
  }

  /** `rows` of the block, from scratch memory to the target. */
  #block(to: number, at: number, from: number, rows: number): void {
    const { i32: memory, kernels } = this.#engine;
    const span = this.#toSpan + (rows - 1) * this.#dim.to;
    const count = this.#inner.reduce((product, { size }) => product * size, rows);
    // What lies between the elements stays as it is.
    if (count < span) memory.set(this.#target.subarray(to, to + span), at);
    this.#dims[this.#cut] = rows;
    kernels.copyWords(at * 4, from * 4, ...(this.#dims as unknown as KernelDims));
    this.#target.set(memory.subarray(at, at + span), to);
  }
}
