// Small products in plain loops give what the twin gives, to the bit.
import { expect, test } from "vitest";
import { FEW_PRODUCTS, multiplyFew } from "../../src/kernels/few-products.ts";
import { matmulF32 } from "../../src/twins/matmul.ts";

const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i * 12.9898) * 3);

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9];
const shapes = sizes.flatMap((m) =>
  sizes.flatMap((n) => [0, 1, 2, 5].map((k) => [m, n, k] as const)),
);

test.each([
  ["as they lie", false, false],
  ["the first transposed", true, false],
  ["the second transposed", false, true],
  ["both transposed", true, true],
] as const)("small products are the twin's, to the bit: %s", (_, turnA, turnB) => {
  for (const [m, n, k] of shapes) {
    expect(m * n * k).toBeLessThan(FEW_PRODUCTS);
    const [a, b, bias] = [numbers(m * k + 3, 1), numbers(k * n + 2, 2), numbers(n + 1, 3)];
    const [aRow, aColumn] = turnA ? [1, m] : [k, 1];
    const [bRow, bColumn] = turnB ? [1, k] : [n, 1];
    for (const init of [undefined, { bias, biasOffset: 1 }]) {
      const [out, expected] = [new Float32Array(m * n + 2), new Float32Array(m * n + 2)];
      multiplyFew(out, 1, a, 3, aRow, aColumn, b, 2, bRow, bColumn, m, n, k, init);
      matmulF32(expected, 1, a, 3, aRow, aColumn, b, 2, bRow, bColumn, m, n, k, init);
      expect(out, `${m} ${n} ${k}`).toEqual(expected);
    }
  }
});
