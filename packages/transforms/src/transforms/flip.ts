// Mirroring at random.
import { defaultGenerator, fillUniform, type Generator } from "@tead/tensor";
import { flipSubject, type Subject, sizeOf } from "./subject.ts";

/** Options of {@link RandomHorizontalFlip}. */
export interface RandomHorizontalFlipOptions {
  /** Draws whether to flip. Default: the default generator. */
  readonly generator?: Generator;
}

/**
 * An image or tensor mirrored left to right with probability `p`: when PyTorch does, for the same seed.
 *
 * **Shapes**: `[..., H, W] -> [..., H, W]`.
 *
 * @param p - Probability, from 0 to 1. Default 0.5.
 * @param options - `generator`.
 * @throws RangeError if `p` is no probability.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomHorizontalFlip.html
 * @example
 * import assert from "node:assert/strict";
 * import { RandomHorizontalFlip } from "@tead/transforms";
 * import { Image } from "@tead/transforms/image";
 * const image = new Image(Uint8Array.of(1, 2), 1, 2);
 * assert.deepEqual([...new RandomHorizontalFlip(1).forward(image).data], [2, 1]);
 */
export class RandomHorizontalFlip {
  readonly p: number;
  readonly #generator: Generator | undefined;

  constructor(p = 0.5, { generator }: RandomHorizontalFlipOptions = {}) {
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(`RandomHorizontalFlip: Cannot use p=${p}: expected 0 to 1`);
    }
    this.p = p;
    this.#generator = generator;
  }

  /** @throws TypeError if `input` is neither an Image nor a Tensor. */
  forward<S extends Subject>(input: S): S {
    sizeOf("RandomHorizontalFlip", input);
    const drawn = new Float32Array(1);
    fillUniform(drawn, this.#generator ?? defaultGenerator());
    // The draw is a float32, and so PyTorch compares it with p as one.
    return drawn[0]! < Math.fround(this.p) ? flipSubject(input) : input;
  }
}
