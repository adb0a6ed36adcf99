// The matrix product on one, two and four threads: the same bits, for every shape, layout and start.
import { afterAll, expect, it } from "vitest";
import { engineFor, setNumThreads, threadsStarted } from "../../src/threads/threads.ts";
import { type MatmulInit, matmulF32 } from "../../src/wasm/matmul.ts";
import { type MatrixBatch, matmulBatchF32 } from "../../src/wasm/matmul-batch.ts";
import { multiplyBlocks, taskBlocks } from "../../src/wasm/matmul-blocks.ts";
import { describeBuilds, uniform } from "../wasm/support.ts";

const bias = uniform(3000, 9);
const cases: readonly (readonly [string, m: number, n: number, k: number, init?: MatmulInit])[] = [
  ["nn", 131, 257, 301],
  ["nt", 64, 128, 784],
  ["tn", 128, 784, 64],
  ["tt", 190, 211, 260],
  ["nn", 13, 1100, 1030, { accumulate: true }],
  ["nt", 1051, 13, 1030, { bias, biasOffset: 5 }],
  ["ss", 150, 140, 150],
  ["zz", 150, 140, 150],
];

/** [rowStride, columnStride] of a dense, transposed, spaced or broadcast matrix. */
const strides = (layout: string, rows: number, columns: number): [number, number] => {
  if (layout === "n") return [columns, 1];
  if (layout === "t") return [1, rows];
  return layout === "s" ? [2 * columns + 1, 2] : [0, 1];
};

describeBuilds("matmulF32() on threads", () => {
  afterAll(() => setNumThreads(1));

  it("gives the same bits with 1, 2 and 4 threads", async () => {
    const results: Float32Array[][] = [];
    for (const threads of [1, 2, 4]) {
      setNumThreads(threads);
      expect(await threadsStarted()).toBe(threads);
      expect(engineFor(1e9).shared).toBe(threads > 1);
      results.push(
        cases.map(([layout, m, n, k, init]) => {
          const [rowA, columnA] = strides(layout[0] as string, m, k);
          const [rowB, columnB] = strides(layout[1] as string, k, n);
          const spaced = layout === "ss" ? 2.1 : 1;
          const [a, b] = [uniform(m * k * spaced + 3, 1), uniform(k * n * spaced + 3, 2)];
          const out = uniform(m * n + 4, 3);
          const operands = [a, 3, rowA, columnA, b, 2, rowB, columnB, m, n, k, init] as const;
          matmulF32(out, 4, ...operands);
          return out;
        }),
      );
    }
    for (const some of results.slice(1))
      some.forEach((out, i) => {
        expect(
          Buffer.compare(
            Buffer.from(out.buffer),
            Buffer.from(results[0]?.[i]?.buffer as ArrayBuffer),
          ),
        ).toBe(0);
      });
  });

  it("gives a batch of small products the same bits on any number of threads", async () => {
    const shapes: readonly (readonly [string, count: number, m: number, n: number, k: number])[] = [
      ["nn", 40, 50, 33, 64],
      ["nt", 70, 31, 50, 70],
      ["tn", 30, 64, 50, 300],
      ["tt", 600, 17, 19, 23],
      ["ss", 20, 60, 40, 50],
      ["zz", 20, 60, 40, 50],
      ["nn", 20, 1, 300, 400],
      ["nn", 2, 130, 120, 300],
      ["nn", 2, 8, 8, 30_000],
    ];
    const cases = shapes.map(([layout, count, m, n, k]) => {
      const batch = (at: number, rows: number, columns: number): MatrixBatch => {
        const [rowStride, columnStride] = strides(layout[at] as string, rows, columns);
        const size = Math.ceil(rows * columns * (layout === "ss" ? 2.1 : 1));
        // The right matrices of one batch are all the same one.
        const step = layout === "nt" && at === 1 ? 0 : size + 3;
        const starts = Array.from({ length: count }, (_, i) => 5 + i * step);
        const data = uniform(5 + (count - 1) * step + size, 4 + at);
        return { data, starts, rowStride, columnStride };
      };
      return { a: batch(0, m, k), b: batch(1, k, n), m, n, k };
    });
    const multiplyAll = (): Buffer[] =>
      cases.map(({ a, b, m, n, k }) => {
        const out = new Float32Array(a.starts.length * m * n + 4);
        matmulBatchF32(out, 4, a, b, m, n, k);
        return Buffer.from(out.buffer);
      });
    setNumThreads(1);
    const want = multiplyAll();
    for (const threads of [2, 4]) {
      setNumThreads(threads);
      expect(await threadsStarted()).toBe(threads);
      multiplyAll().forEach((bytes, i) => {
        expect(Buffer.compare(bytes, want[i] as Buffer), `${shapes[i]}`).toBe(0);
      });
    }
  });

  it("takes a k of zero", async () => {
    setNumThreads(2);
    await threadsStarted();
    const engine = engineFor(1e9);
    const matrix = { data: uniform(100, 1), offset: 0, rowStride: 1, columnStride: 0 };
    const out = new Float32Array(20).fill(3);
    multiplyBlocks(engine, out, 0, matrix, matrix, 4, 5, 0, undefined);
    expect([...out]).toEqual(Array(20).fill(0));
  });

  it("cuts results into whole panels and vectors", () => {
    expect(taskBlocks(1024, 1024, 6)).toEqual([96, 256]);
    expect(taskBlocks(64, 128, 4)).toEqual([16, 64]);
    expect(taskBlocks(3, 5, 6)).toEqual([6, 8]);
  });
});
