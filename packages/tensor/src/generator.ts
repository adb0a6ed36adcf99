// PyTorch's CPU random generator: mt19937, its seeding, its state bytes and the spare normal sample.
// Draws raw integers only; distributions stand in random/.

/** Seed of a generator nobody seeded, the same as PyTorch's. */
const DEFAULT_SEED = 67280421310721n;

const STATE_WORDS = 624;
const MIDDLE_WORD = 397;

// Byte layout of PyTorch's CPUGeneratorImplState, little endian.
const STATE_BYTES = 5056;
const OFFSET_SEED = 0; // u64
const OFFSET_LEFT = 8; // i32
const OFFSET_SEEDED = 12; // i32
const OFFSET_NEXT = 16; // u64
const OFFSET_WORDS = 24; // 624 words, each stored in a u64
const OFFSET_NORMAL_Y = 5024; // f64; the f64s before and after it are always 0
const OFFSET_NORMAL_VALID = 5040; // i32
const OFFSET_FLOAT_NORMAL = 5048; // f32
const OFFSET_FLOAT_NORMAL_VALID = 5052; // u8

/**
 * A source of random numbers that draws what PyTorch's CPU generator draws: the Mersenne Twister
 * mt19937, seeded and advanced in the same way, so that the same seed gives the same stream.
 *
 * A fresh generator has PyTorch's default seed (67280421310721). `getState()` and `setState()` speak
 * the bytes of `torch.get_rng_state()`, so that a state can move between the two.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Generator.html
 * @example
 * import { Generator } from "@tead/tensor";
 * import assert from "node:assert/strict";
 *
 * const generator = new Generator().manualSeed(0);
 * assert.equal(generator.random(), 2357136044);
 */
export class Generator {
  /**
   * Second half of the last pair that a scalar normal draw in double precision made, if unused.
   * @internal
   */
  nextDoubleNormalSample: number | undefined;
  /**
   * The same in single precision. No operation on the CPU sets it, but a state may carry it.
   * @internal
   */
  nextFloatNormalSample: number | undefined;

  readonly #words = new Uint32Array(STATE_WORDS);
  #initialSeed = DEFAULT_SEED;
  #left = 1; // draws until the words are renewed, plus one
  #next = 0; // position of the next word

  constructor() {
    this.#seed(DEFAULT_SEED);
  }

  /**
   * Starts the stream that belongs to `seed`. Only the low 32 bits reach the engine, as in PyTorch;
   * a negative seed counts from 2^64 downward.
   *
   * @param seed - an integer in [-2^63, 2^64)
   * @returns this generator
   * @throws RangeError if the seed is no integer or out of range; a number must be a safe integer
   * @see https://pytorch.org/docs/stable/generated/torch.Generator.html#torch.Generator.manual_seed
   * @example
   * import { Generator } from "@tead/tensor";
   * import assert from "node:assert/strict";
   *
   * const [a, b] = [new Generator().manualSeed(7), new Generator().manualSeed(7n)];
   * assert.equal(a.random(), b.random());
   */
  manualSeed(seed: number | bigint): this {
    const valid =
      typeof seed === "bigint"
        ? seed >= -(2n ** 63n) && seed < 2n ** 64n
        : Number.isSafeInteger(seed);
    if (!valid) {
      throw new RangeError(
        `manualSeed: Cannot seed the generator: expected an integer in [-2^63, 2^64), received ${seed}` +
          (typeof seed === "number" && Number.isInteger(seed)
            ? "\nHint: pass integers beyond 2^53 as a bigint"
            : ""),
      );
    }
    this.#seed(BigInt.asUintN(64, BigInt(seed)));
    return this;
  }

  /**
   * The seed of the last `manualSeed()`, `seed()` or `setState()`: a number where it is safe, else a bigint.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Generator.html#torch.Generator.initial_seed
   */
  initialSeed(): number | bigint {
    const seed = this.#initialSeed;
    return seed <= Number.MAX_SAFE_INTEGER ? Number(seed) : seed;
  }

  /**
   * Seeds the generator from the platform's source of randomness and returns the seed (53 bits).
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Generator.html#torch.Generator.seed
   */
  seed(): number {
    const words = entropy(new Uint32Array(2));
    const seed = (words[0]! & 0x1fffff) * 2 ** 32 + words[1]!;
    this.#seed(BigInt(seed));
    return seed;
  }

  /** A copy that continues the same stream independently. */
  clone(): Generator {
    const copy = new Generator();
    copy.#words.set(this.#words);
    copy.#initialSeed = this.#initialSeed;
    copy.#left = this.#left;
    copy.#next = this.#next;
    copy.nextDoubleNormalSample = this.nextDoubleNormalSample;
    copy.nextFloatNormalSample = this.nextFloatNormalSample;
    return copy;
  }

  /** The next 32 random bits, as an integer in [0, 2^32). */
  random(): number {
    if (--this.#left === 0) this.#renew();
    return temper(this.#words[this.#next++]!) >>> 0;
  }

  /**
   * The words of the next draws, untempered: at most `most` (at least 1), as many as there are until
   * the words are renewed. They stand until the next draw.
   * @internal
   */
  take(most: number): Uint32Array {
    // The first draw after a renewal does not count.
    const renewed = this.#left === 1;
    if (renewed) this.#renew();
    const count = Math.min(renewed ? this.#left : this.#left - 1, most);
    const first = this.#next;
    this.#next = first + count;
    this.#left -= renewed ? count - 1 : count;
    return this.#words.subarray(first, first + count);
  }

  /**
   * Hands the words to `draw`, which renews them as often as it likes and takes whole pairs: where it
   * is odd, a word is left, the first of a pair, and one will be. False where there are more.
   * @internal
   */
  renewed(draw: (words: Uint32Array, isOdd: boolean) => boolean): boolean {
    const isOdd = this.#left === 2 && this.#next === STATE_WORDS - 1;
    if (!(isOdd || this.#left === 1) || !draw(this.#words, isOdd)) return false;
    this.#next = STATE_WORDS + 1 - this.#left;
    return true;
  }

  /** The next 64 random bits, as an integer in [0, 2^64): two draws, the high half first. */
  random64(): bigint {
    const high = this.random();
    return (BigInt(high) << 32n) | BigInt(this.random());
  }

  /**
   * The whole state in the bytes of PyTorch's `Generator.get_state()`: 5056 bytes, little endian.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Generator.html#torch.Generator.get_state
   * @example
   * import { Generator } from "@tead/tensor";
   * import assert from "node:assert/strict";
   *
   * const generator = new Generator();
   * const state = generator.getState();
   * const first = generator.random();
   * generator.setState(state);
   * assert.equal(generator.random(), first);
   */
  getState(): Uint8Array {
    const state = new Uint8Array(STATE_BYTES);
    const view = new DataView(state.buffer);
    view.setBigUint64(OFFSET_SEED, this.#initialSeed, true);
    view.setInt32(OFFSET_LEFT, this.#left, true);
    view.setInt32(OFFSET_SEEDED, 1, true);
    view.setUint32(OFFSET_NEXT, this.#next, true);
    for (let i = 0; i < STATE_WORDS; i++)
      view.setUint32(OFFSET_WORDS + 8 * i, this.#words[i]!, true);
    if (this.nextDoubleNormalSample !== undefined) {
      view.setFloat64(OFFSET_NORMAL_Y, this.nextDoubleNormalSample, true);
      view.setInt32(OFFSET_NORMAL_VALID, 1, true);
    }
    if (this.nextFloatNormalSample !== undefined) {
      view.setFloat32(OFFSET_FLOAT_NORMAL, this.nextFloatNormalSample, true);
      view.setUint8(OFFSET_FLOAT_NORMAL_VALID, 1);
    }
    return state;
  }

  /**
   * Restores a state that `getState()`, or PyTorch's `Generator.get_state()`, returned.
   * An invalid state leaves the generator as it was.
   *
   * @param state - 5056 bytes
   * @throws RangeError if the length is another one, or the bytes are no mt19937 state
   * @see https://pytorch.org/docs/stable/generated/torch.Generator.html#torch.Generator.set_state
   */
  setState(state: Uint8Array): void {
    if (state.length !== STATE_BYTES) {
      throw new RangeError(
        `setState: Cannot restore the generator: expected ${STATE_BYTES} bytes, received ${state.length}`,
      );
    }
    const view = new DataView(state.buffer, state.byteOffset, STATE_BYTES);
    const left = view.getInt32(OFFSET_LEFT, true);
    const next = view.getUint32(OFFSET_NEXT, true);
    const seeded = view.getInt32(OFFSET_SEEDED, true) !== 0;
    // A word is read before it is renewed only while left > 1, so next + left - 1 must not pass the end.
    if (!seeded || left < 1 || left > STATE_WORDS || next + left - 1 > STATE_WORDS) {
      throw new RangeError(
        "setState: Cannot restore the generator: expected a seeded mt19937 state, " +
          `received seeded=${seeded} left=${left} next=${next}`,
      );
    }
    this.#initialSeed = view.getBigUint64(OFFSET_SEED, true);
    this.#left = left;
    this.#next = next;
    for (let i = 0; i < STATE_WORDS; i++)
      this.#words[i] = view.getUint32(OFFSET_WORDS + 8 * i, true);
    this.nextDoubleNormalSample = view.getInt32(OFFSET_NORMAL_VALID, true)
      ? view.getFloat64(OFFSET_NORMAL_Y, true)
      : undefined;
    this.nextFloatNormalSample = view.getUint8(OFFSET_FLOAT_NORMAL_VALID)
      ? view.getFloat32(OFFSET_FLOAT_NORMAL, true)
      : undefined;
  }

  // w[0] = seed; w[i] = 1812433253 * (w[i-1] ^ (w[i-1] >> 30)) + i
  #seed(seed: bigint): void {
    const words = this.#words;
    let word = Number(BigInt.asUintN(32, seed));
    words[0] = word;
    for (let i = 1; i < STATE_WORDS; i++) {
      word = (Math.imul(word ^ (word >>> 30), 1812433253) + i) >>> 0;
      words[i] = word;
    }
    this.#initialSeed = seed;
    this.#left = 1;
    this.#next = 0;
    this.nextDoubleNormalSample = undefined;
    this.nextFloatNormalSample = undefined;
  }

  // w[i] = w[i + 397] ^ twist(high bit of w[i], low bits of w[i + 1]), indices modulo 624
  #renew(): void {
    const words = this.#words;
    const tail = STATE_WORDS - MIDDLE_WORD;
    const last = STATE_WORDS - 1;
    let word = words[0]!;
    for (let i = 0; i < tail; i++) {
      const next = words[i + 1]!;
      words[i] = words[i + MIDDLE_WORD]! ^ twist(word, next);
      word = next;
    }
    for (let i = tail; i < last; i++) {
      const next = words[i + 1]!;
      words[i] = words[i - tail]! ^ twist(word, next);
      word = next;
    }
    words[last] = words[MIDDLE_WORD - 1]! ^ twist(word, words[0]!);
    this.#left = STATE_WORDS;
    this.#next = 0;
  }
}

// Without a branch on the low bit, which is as good as random.
function twist(high: number, low: number): number {
  return (((high & 0x80000000) | (low & 0x7fffffff)) >>> 1) ^ (-(low & 1) & 0x9908b0df);
}

/** The 32 bits that a word of the state gives, as an int32. @internal */
export function temper(word: number): number {
  let y = word ^ (word >>> 11);
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}

// Every platform of ours has Web Crypto; it is typed here because the package uses no DOM types.
function entropy(words: Uint32Array): Uint32Array {
  const platform = globalThis as unknown as {
    crypto: { getRandomValues(words: Uint32Array): Uint32Array };
  };
  return platform.crypto.getRandomValues(words);
}
