// Chunks of broadcast operands against plain indexing: rows, columns, channels and numbers, over sizes below and above a chunk.
import { expect, it } from "vitest";
import { wasmEngine } from "../../src/wasm/engine.ts";
import { mapChunks, type Operand } from "../../src/wasm/operands.ts";
import { describeBuilds, uniform } from "./support.ts";

/** Element i of an operand, found by division. */
const at = ({ data, offset, sizes, strides }: Operand, i: number): number => {
  let [position, rest] = [offset, i];
  for (let d = sizes.length - 1; d >= 0; d--) {
    const size = sizes[d] as number;
    position += (rest % size) * (strides[d] as number);
    rest = Math.floor(rest / size);
  }
  return data[position] as number;
};

const layouts: readonly (readonly [name: string, sizes: number[], strides: number[]])[] = [
  ["in order", [9000], [1]],
  ["one number", [], []],
  ["a row of 10", [900, 10], [0, 1]],
  ["a row longer than a chunk", [2, 4500], [0, 1]],
  ["a column of short runs", [900, 10], [1, 0]],
  ["a column of long runs", [3, 3000], [1, 0]],
  ["channels", [2, 45, 100], [0, 1, 0]],
  ["a slice of wider rows", [90, 100], [130, 1]],
  ["rows repeated within blocks", [3, 30, 100], [100, 0, 1]],
];

describeBuilds("chunks of operands", () => {
  const data = uniform(20000, 1);
  const operandOf = ([, sizes, strides]: (typeof layouts)[number]): Operand => {
    return { data, offset: 7, sizes, strides };
  };
  for (const a of layouts)
    it(`of ${a[0]} meet those of every other layout`, () => {
      const { sub } = wasmEngine().kernels;
      for (const b of layouts) {
        const operands = [operandOf(a), operandOf(b)] as const;
        const [count, out] = [9000, new Float32Array(9010).fill(7)];
        mapChunks((to, x, y, _, n) => sub(to, x, y, n), out, 3, operands, count);
        const expected = new Float32Array(9010).fill(7);
        for (let i = 0; i < count; i++) expected[3 + i] = at(operands[0], i) - at(operands[1], i);
        expect(out, b[0]).toEqual(expected);
      }
    });

  it("choose by bytes among operands of any layout", () => {
    const condition = Uint8Array.from({ length: 9000 }, (_, i) => Number(i % 3 === 0));
    const { where } = wasmEngine().kernels;
    for (const [sizes, strides] of [
      [[9000], [1]],
      [
        [900, 10],
        [0, 1],
      ],
      [
        [900, 10],
        [1, 0],
      ],
    ] as const) {
      const operands = [
        { data: condition, offset: 0, sizes, strides },
        ...layouts.slice(1, 3).map(operandOf),
      ];
      const out = new Float32Array(9000);
      mapChunks((to, c, x, y, n) => where(to, c, x, y, n), out, 0, operands, 9000);
      const [c, x, y] = operands as [Operand, Operand, Operand];
      for (let i = 0; i < 9000; i++) expect(out[i]).toBe(at(c, i) === 1 ? at(x, i) : at(y, i));
    }
  });
});
