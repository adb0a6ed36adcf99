// Bernoulli draws, with one probability for all elements or one for each.
import type { BernoulliBlocks } from "../backend.ts";
import { type Generator, temper } from "../generator.ts";
import type { NumberArray } from "./integers.ts";
import { uniformDouble } from "./uniform.ts";

/** Pairs that the words of a generator make. */
const BLOCK = 312;

/**
 * Fills `out` with ones, each with probability `p`, and zeros, as `torch.Tensor.bernoulli_(p)` does
 * and thereby dropout: 1 where a uniform double is less than `p`.
 *
 * @param drawBlocks - the same, faster, for whole renewals of the generator's words and bytes
 * @throws RangeError if `p` is not in [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
 */
export function fillBernoulli(
  out: NumberArray,
  generator: Generator,
  p = 0.5,
  drawBlocks?: BernoulliBlocks,
): void {
  checkProbability(p);
  if (out instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = uniformDouble(generator) < p ? 1n : 0n;
    return;
  }
  // u < p for u = n 2^-53 where n < ceil(p 2^53).
  const bound = Math.ceil(p * 2 ** 53);
  for (let i = 0; i < out.length; ) {
    const blocks = Math.floor((out.length - i) / BLOCK);
    if (drawBlocks !== undefined && blocks > 0 && out instanceof Uint8Array) {
      const [bytes, at] = [out, i];
      const isDone = generator.renewed((words, isOdd) =>
        drawBlocks(words, isOdd, bytes, at, blocks, bound),
      );
      if (isDone) i += blocks * BLOCK;
      if (isDone) continue;
    }
    const words = generator.take(2 * (out.length - i));
    const pairs = words.length >> 1;
    fillPairs(out, i, words, pairs, bound);
    i += pairs;
    if (words.length % 2 === 0) continue;
    // The words are renewed between the two of a pair.
    const high = temper(words[2 * pairs]!) & 0x1fffff;
    out[i++] = Number(high * 2 ** 32 + generator.random() < bound);
  }
}

/** Whether the numbers of 53 bits that pairs of words make, the high one first, are below `bound`. */
function fillPairs(
  out: Exclude<NumberArray, BigInt64Array>,
  at: number,
  words: Uint32Array,
  pairs: number,
  bound: number,
): void {
  const least = (bound / 2 ** 32) | 0;
  const low = bound % 2 ** 32;
  for (let k = 0; k < pairs; k++) {
    const high = temper(words[2 * k]!) & 0x1fffff;
    // By the sign, not by a branch on what is as good as random. The low word decides one of 2^21 pairs.
    let below = (high - least) >>> 31;
    if (high === least) below = Number(temper(words[2 * k + 1]!) >>> 0 < low);
    out[at + k] = below;
  }
}

/**
 * Fills `out` with ones, each with its own probability, and zeros, as `torch.bernoulli(p)` does.
 * Probabilities in float64 are compared with a uniform double (64 random bits); in any other dtype,
 * given as a `Float32Array`, with a uniform float32 (32 random bits).
 *
 * @param probabilities - as many as `out` has elements
 * @throws RangeError if a probability is not in [0, 1], or the lengths differ
 * @see https://pytorch.org/docs/stable/generated/torch.bernoulli.html
 */
export function fillBernoulliEach(
  out: NumberArray,
  generator: Generator,
  probabilities: Float32Array | Float64Array,
): void {
  if (probabilities.length !== out.length) {
    throw new RangeError(
      `bernoulli: Cannot draw ${out.length} elements: expected as many probabilities, ` +
        `received ${probabilities.length}`,
    );
  }
  for (const p of probabilities) checkProbability(p);
  const double = probabilities instanceof Float64Array;
  for (let i = 0; i < out.length; i++) {
    const u = double ? uniformDouble(generator) : (generator.random() & 0xffffff) * 2 ** -24;
    const one = u < probabilities[i]!;
    if (out instanceof BigInt64Array) out[i] = one ? 1n : 0n;
    else out[i] = one ? 1 : 0;
  }
}

function checkProbability(p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new RangeError(`bernoulli: Cannot draw: expected probabilities in [0, 1], received ${p}`);
}
