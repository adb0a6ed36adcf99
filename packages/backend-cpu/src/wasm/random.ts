// Bernoulli draws of the host's generator in SIMD, the same bits: the definition is in packages/tensor, src/random/bernoulli.ts.
import { reserve, wasmAvailable, wasmEngine } from "./engine.ts";

/** Words of the generator's state, and how many pairs they make. */
const WORDS = 624;
const PAIRS = WORDS / 2;
/** Renewals at a time. */
const MOST = 64;
/** Byte offsets of the draws and of the results, each with room beside it, and of the end. */
const DRAWS = WORDS * 4 + 64;
const BYTES = DRAWS + WORDS * 4 + 64;

/**
 * Renews the words of mt19937 and writes 312 bytes each time, `blocks` times: 1 where a pair of draws makes a number of 53
 * bits below `bound`, else 0. Where `isOdd`, the last old word is the first of a pair. False, with nothing done, where SIMD
 * is missing.
 */
export function bernoulliBlocks(
  words: Uint32Array,
  isOdd: boolean,
  out: Uint8Array,
  at: number,
  blocks: number,
  bound: number,
): boolean {
  if (!wasmAvailable()) return false;
  const engine = wasmEngine();
  const base = reserve(engine, BYTES + MOST * PAIRS);
  const state = base >> 2;
  // A vector after the state, and one before the draws.
  const [draws, bytes] = [base + DRAWS, base + BYTES];
  const [high, low] = [Math.floor(bound / 2 ** 32), bound % 2 ** 32];
  engine.i32.set(words, state);
  const results = new Uint8Array(engine.memory.buffer);
  for (let done = 0; done < blocks; done += MOST) {
    const some = Math.min(MOST, blocks - done);
    engine.kernels.bernoulliBlocks(base, draws, bytes, some, isOdd, high, low);
    out.set(results.subarray(bytes, bytes + some * PAIRS), at + done * PAIRS);
  }
  words.set(engine.i32.subarray(state, state + WORDS));
  return true;
}
