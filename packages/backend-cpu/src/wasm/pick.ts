// Rows of 32-bit words picked by index, block by block through scratch memory. The twin is the loop of kernels/indexing.ts.
import { reserve, wasmAvailable, wasmEngine } from "./engine.ts";

/** Words of a block on either side, so that all stay in the second cache; of a single one, if it is larger, at most. */
const BLOCK = 32768;
const LARGEST = 1 << 18;
/** Fewer words are left to the loops. */
const FEW = 1024;

/** `outer` blocks of `size` rows of `inner` words, of each of which `count` are picked. */
export interface Rows {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  readonly count: number;
  /** How far apart the indices of two blocks are: `count`, or 0 where they are the same. */
  readonly step: number;
}

/** Picks words if there are enough of them and the kernel can run here; false, with nothing done, where not. */
export function pickWords(
  target: Int32Array,
  to: number,
  source: Int32Array,
  from: number,
  indices: Int32Array,
  { outer, size, inner, count, step }: Rows,
): boolean {
  const [given, picked] = [size * inner, count * inner];
  const larger = Math.max(given, picked, count);
  // What is brought in and not picked costs as well.
  if (outer * picked < FEW || larger > LARGEST || given > 4 * picked || !wasmAvailable())
    return false;
  const engine = wasmEngine();
  const blocks = Math.max(1, Math.min(outer, Math.floor(BLOCK / larger)));
  const places = step === 0 ? count : blocks * step;
  const base = reserve(engine, (places + blocks * (given + picked) + 64) * 4);
  const memory = engine.i32;
  const first = (base >> 2) + ((places + 15) & ~15);
  const second = first + ((blocks * given + 15) & ~15);
  if (step === 0) memory.set(indices, base >> 2);
  for (let o = 0; o < outer; o += blocks) {
    const n = Math.min(blocks, outer - o);
    const start = from + o * given;
    if (step > 0) memory.set(indices.subarray(o * step, (o + n) * step), base >> 2);
    memory.set(source.subarray(start, start + n * given), first);
    engine.kernels.pickWords(second * 4, first * 4, base, n, size, count, inner, step);
    target.set(memory.subarray(second, second + n * picked), to + o * picked);
  }
  return true;
}
