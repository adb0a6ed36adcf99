// The SIMD matmul against its twin: sizes around every tile and block edge, any strides, special values.
import { expect, it } from "vitest";
import { matmulBatchF32 as batchTwin, matmulF32 as twin } from "../../src/twins/matmul.ts";
import { type MatmulInit, matmulF32 } from "../../src/wasm/matmul.ts";
import { type MatrixBatch, matmulBatchF32 } from "../../src/wasm/matmul-batch.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

type Layout = "rows" | "columns" | "spaced" | "wide" | "row0" | "column0";

/** An array that holds a [rows, columns] matrix in the given layout, behind 3 unused floats. */
const matrix = (rows: number, columns: number, layout: Layout, seed: number) => {
  const strides: Record<Layout, [number, number, number]> = {
    rows: [columns, 1, rows * columns],
    columns: [1, rows, rows * columns],
    spaced: [columns * 2 + 1, 2, rows * (columns * 2 + 1)],
    wide: [columns + 100, 1, rows * (columns + 100)],
    row0: [0, 1, columns],
    column0: [1, 0, rows],
  };
  const [rowStride, columnStride, floats] = strides[layout];
  return { data: uniform(3 + floats, seed), rowStride, columnStride };
};

const compare = (
  [m, n, k]: readonly [number, number, number],
  layoutA: Layout = "rows",
  layoutB: Layout = "rows",
  init?: MatmulInit,
): number => {
  const a = matrix(m, k, layoutA, 1 + m);
  const b = matrix(k, n, layoutB, 2 + n);
  const expected = uniform(5 + m * n + 5, 3);
  const actual = expected.slice();
  for (const [run, out] of [
    [twin, expected],
    [matmulF32, actual],
  ] as const) {
    run(
      ...([out, 5, a.data, 3, a.rowStride, a.columnStride] as const),
      ...([b.data, 3, b.rowStride, b.columnStride, m, n, k, init] as const),
    );
  }
  return worstError(actual, expected);
};

/** Rounding of a float32 sum of k products, generously. */
const bound = (k: number): number => 2e-6 + k * 2e-8;

const sizes = [
  [1, 1, 1],
  [1, 8, 256],
  [4, 8, 32],
  [6, 8, 33],
  [5, 7, 31],
  [7, 9, 257],
  [13, 17, 300],
  [64, 10, 128],
  [97, 20, 40],
  [100, 515, 20],
  [193, 33, 270],
  [1, 1030, 40],
  [1030, 1, 40],
  [3, 5, 9000],
  [2, 530, 4100],
  [1, 4099, 21],
  [1, 21, 4099],
  [4099, 1, 21],
  [21, 1, 4099],
  [1, 70, 600],
] as const;

describeBuilds("matmulF32()", () => {
  for (const size of sizes) {
    it(`agrees with the plain loops for ${size.join(" x ")}`, () => {
      expect(compare(size)).toBeLessThan(bound(size[2]));
      expect(compare(size, "rows", "columns")).toBeLessThan(bound(size[2]));
    });
  }

  it("reads operands of any strides, also broadcast ones", () => {
    for (const a of ["rows", "columns", "spaced", "wide", "row0", "column0"] as const) {
      for (const b of ["rows", "columns", "spaced", "wide", "row0", "column0"] as const) {
        for (const size of [
          [37, 29, 45],
          [1, 41, 53],
          [41, 1, 53],
        ] as const) {
          expect(compare(size, a, b), `${a} x ${b}`).toBeLessThan(bound(53));
        }
      }
    }
  });

  it("cuts long sizes into blocks", () => {
    expect(compare([1060, 9, 1100], "columns")).toBeLessThan(bound(1100));
    expect(compare([9, 1060, 1100], "rows", "columns")).toBeLessThan(bound(1100));
  });

  it("adds a bias row or what the result holds", () => {
    const bias = uniform(50, 9);
    for (const size of [
      [3, 5, 4],
      [20, 30, 40],
      [9, 30, 5000],
      [1, 30, 50],
      [30, 1, 50],
      [1, 1, 1500],
    ] as const) {
      expect(compare(size, "rows", "columns", { bias, biasOffset: 7 })).toBeLessThan(
        bound(size[2]),
      );
      expect(compare(size, "columns", "rows", { accumulate: true })).toBeLessThan(bound(size[2]));
    }
  });

  it("writes zeros, the bias or nothing for k = 0, and accepts empty results", () => {
    const empty = new Float32Array(0);
    const out = new Float32Array(4096).fill(5);
    matmulF32(out, 0, empty, 0, 0, 1, empty, 0, 64, 1, 64, 64, 0);
    expect(out.every((value) => value === 0)).toBe(true);
    matmulF32(out, 0, empty, 0, 0, 1, empty, 0, 2, 1, 1, 2, 0, { bias: Float32Array.of(3, 4) });
    expect([...out.subarray(0, 3)]).toEqual([3, 4, 0]);
    matmulF32(out, 0, empty, 0, 100, 1, empty, 0, 0, 1, 0, 0, 100);
    matmulF32(out, 0, uniform(100, 1), 0, 100, 1, empty, 0, 0, 1, 1, 0, 100);
    expect([...out.subarray(0, 3)]).toEqual([3, 4, 0]);
  });

  it("keeps NaN and infinities in their own rows and columns", () => {
    const [m, n, k] = [21, 19, 50];
    const a = uniform(m * k, 1);
    const b = uniform(k * n, 2);
    a[7 * k + 3] = Number.NaN;
    b[4 * n + 11] = Number.POSITIVE_INFINITY;
    const out = new Float32Array(m * n);
    matmulF32(out, 0, a, 0, k, 1, b, 0, n, 1, m, n, k);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const value = out[i * n + j] as number;
        if (i === 7) expect(value).toBeNaN();
        else if (j === 11) expect(value).toBe((a[i * k + 4] as number) > 0 ? Infinity : -Infinity);
        else expect(Number.isFinite(value)).toBe(true);
      }
    }
  });
});

/** Matrices one behind the other, all the same one, or anywhere: `step` floats apart in the order of a shuffle. */
const batchOf = (
  count: number,
  [rows, columns]: readonly [number, number],
  layout: Layout,
  kind: "dense" | "one" | "anywhere",
): MatrixBatch => {
  const { rowStride, columnStride } = matrix(rows, columns, layout, 1);
  const size = matrix(rows, columns, layout, 1).data.length - 3;
  const step = { dense: size, one: 0, anywhere: size + 5 }[kind];
  const data = uniform(3 + count * size + count * 5, rows * columns);
  const order = (i: number): number => (kind === "anywhere" ? (i * 7) % count : i);
  const starts = Array.from({ length: count }, (_, i) => 3 + order(i) * step);
  return { data, starts, rowStride, columnStride };
};

describeBuilds("matmulBatchF32()", () => {
  it("agrees with products one by one, of any size and layout", () => {
    for (const [m, n, k] of [
      [1, 1, 1],
      [2, 2, 2],
      [4, 9, 3],
      [17, 8, 33],
      [7, 30, 300],
      [1, 20, 30],
      [20, 1, 30],
    ] as const)
      for (const layout of ["rows", "columns", "spaced", "row0"] as const)
        for (const kind of ["dense", "one", "anywhere"] as const) {
          const a = batchOf(11, [m, k], layout, kind);
          const b = batchOf(11, [k, n], layout === "rows" ? "columns" : "rows", kind);
          const [actual, expected] = [uniform(5 + 11 * m * n, 3), uniform(5 + 11 * m * n, 3)];
          matmulBatchF32(actual, 5, a, b, m, n, k);
          batchTwin(expected, 5, a, b, m, n, k);
          const name = `${m} x ${n} x ${k} ${layout} ${kind}`;
          expect(worstError(actual, expected), name).toBeLessThan(bound(k));
        }
  });

  it("stages long batches in parts, and writes zeros where k is 0", () => {
    const [a, b] = [batchOf(150, [16, 30], "rows", "dense"), batchOf(150, [30, 9], "rows", "one")];
    const [actual, expected] = [new Float32Array(150 * 144), new Float32Array(150 * 144)];
    matmulBatchF32(actual, 0, a, b, 16, 9, 30);
    batchTwin(expected, 0, a, b, 16, 9, 30);
    expect(worstError(actual, expected)).toBeLessThan(bound(30));
    matmulBatchF32(actual.fill(7), 0, a, b, 16, 9, 0);
    expect(actual.every((value) => value === 0)).toBe(true);
  });
});
