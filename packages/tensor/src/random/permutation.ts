// Random permutations, the source of every shuffled order.
import type { Generator } from "../generator.ts";
import type { NumberArray } from "./integers.ts";

/**
 * Fills `out` with a random permutation of 0 ... out.length - 1, as `torch.randperm` does:
 * element i changes places with element i + (a 32-bit draw modulo n - i), for i from 0 to n - 2.
 *
 * Every dtype takes the same draws. (Since version 2, PyTorch goes another way from 214,748,364
 * elements on.)
 *
 * @see https://pytorch.org/docs/stable/generated/torch.randperm.html
 */
export function fillRandperm(out: NumberArray, generator: Generator): void {
  // The two branches differ in their element type only, which TypeScript cannot abstract over.
  const n = out.length;
  if (out instanceof BigInt64Array) {
    for (let i = 0; i < n; i++) out[i] = BigInt(i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + (generator.random() % (n - i));
      const value = out[i]!;
      out[i] = out[j]!;
      out[j] = value;
    }
    return;
  }
  for (let i = 0; i < n; i++) out[i] = i;
  for (let i = 0; i < n - 1; i++) {
    const j = i + (generator.random() % (n - i));
    const value = out[i]!;
    out[i] = out[j]!;
    out[j] = value;
  }
}

/**
 * The order in which PyTorch's samplers and `random_split` go through `count` items:
 * `torch.randperm(count, generator=generator).tolist()`.
 */
export function randomOrder(count: number, generator: Generator): Int32Array {
  const order = new Int32Array(count);
  fillRandperm(order, generator);
  return order;
}
