// Copies between strided views against plain indexing, over every order of dims, for elements of each size.
import { describe, expect, it } from "vitest";
import { copyStrided } from "../../src/kernels/strided.ts";

const stridesOf = (sizes: readonly number[]): number[] => {
  let step = 1;
  return sizes
    .map((_, i) => {
      const stride = step;
      step *= sizes[sizes.length - 1 - i] as number;
      return stride;
    })
    .reverse();
};

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** The strides of a dense tensor whose dims lie in memory in this order. */
const permuted = (shape: readonly number[], order: readonly number[]): number[] => {
  const dense = stridesOf(order.map((d) => shape[d] as number));
  return shape.map((_, d) => dense[order.indexOf(d)] as number);
};

describe("copyStrided()", () => {
  for (const shape of [
    [3, 5, 7],
    [2, 40, 70],
    [33, 1, 65],
    [2, 3, 300],
    [1, 1, 1],
    [4, 0, 3],
  ])
    for (const make of [Float32Array, Float64Array, Uint8Array, Uint16Array] as const)
      it(`copies [${shape}] of ${make.name} from any order of dims to any`, () => {
        const count = shape.reduce((n, size) => n * size, 1);
        const source = new make(count + 5).map((_: number, i: number) => (i * 7) % 251);
        for (const from of orders)
          for (const to of orders) {
            const [strides, places] = [permuted(shape, from), permuted(shape, to)];
            const target = new make(count + 9).fill(255);
            copyStrided(shape, target, { offset: 4, strides: places }, source, {
              offset: 5,
              strides,
            });
            const expected = new make(count + 9).fill(255);
            const [d0, d1, d2] = shape as [number, number, number];
            for (let i = 0; i < d0; i++)
              for (let j = 0; j < d1; j++)
                for (let k = 0; k < d2; k++) {
                  const place = (s: number[]): number =>
                    i * (s[0] as number) + j * (s[1] as number) + k * (s[2] as number);
                  expected[4 + place(places)] = source[5 + place(strides)] as number;
                }
            expect(target).toEqual(expected);
          }
      });

  it("repeats what a stride of 0 stands for, along any dim", () => {
    for (const size of [5, 300]) {
      const target = new Float32Array(3 * size);
      const source = Float32Array.of(1, 2, 3);
      copyStrided([3, size], target, { offset: 0, strides: [size, 1] }, source, {
        offset: 0,
        strides: [1, 0],
      });
      expect([target[0], target[size], target[3 * size - 1]]).toEqual([1, 2, 3]);
      const row = Float32Array.from({ length: size }, (_, i) => i);
      copyStrided([3, size], target, { offset: 0, strides: [size, 1] }, row, {
        offset: 0,
        strides: [0, 1],
      });
      expect(target.subarray(2 * size)).toEqual(row);
    }
  });
});
