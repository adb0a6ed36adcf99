// The random numbers of the generated images: a stream per image, the same on every platform. Only exact
// arithmetic (integers, + - * / and square root): Math.sin and Math.exp may differ from engine to engine.

/** The small fast counting generator sfc32 of PractRand, seeded with three numbers. */
export class DigitRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, split: number, index: number) {
    this.#a = seed | 0;
    this.#b = split | 0;
    this.#c = index | 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number in [low, high). */
  uniform(low: number, high: number): number {
    return low + (this.uint32() / 2 ** 32) * (high - low);
  }

  /** An integer from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.uniform(0, count));
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.uniform(0, 1) < p;
  }

  /** Nearly normal, mean 0 and variance 1: the sum of four 16-bit uniforms. */
  normal(): number {
    const x = this.uint32();
    const y = this.uint32();
    const sum = (x >>> 16) + (x & 0xffff) + (y >>> 16) + (y & 0xffff);
    return (sum / 65536 - 2) * 1.7320508075688772; // the sum has variance 4 / 12
  }

  /** The numbers from 0 to `count - 1` in random order. */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
