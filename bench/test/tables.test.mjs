// The tables of the measurements: what they tell from given times.
import { expect, test } from "vitest";
import { memoryTable, table, targetsOf, timesOf } from "../src/tables.mjs";

const engines = ["Tead", "PyTorch", "tfjs wasm", "jax-js wasm"];
const product = { name: "matmul", flops: 2e9, pytorch: [0.4, 0.6], peers: [1.5, 1.8] };
const add = { name: "add" };
const tiny = { name: "tiny", perSecond: [50_000] };
const run = (ms, median) => ({ ms, median });
const rounds = [
  {
    Tead: { matmul: run(40, 50), add: run(1, 1), tiny: run(0.018, 0.025) },
    PyTorch: { matmul: run(20, 25) },
    "tfjs wasm": { matmul: run(64, 80) },
  },
  {
    Tead: { matmul: run(50, 60), add: run(2, 2), tiny: run(0.016, 0.03) },
    PyTorch: { matmul: run(25, 36) },
    "tfjs wasm": { matmul: run(80, 102) },
  },
  {
    Tead: { matmul: run(45, 50), add: run(4, 4), tiny: run(0.018, 0.018) },
    PyTorch: { matmul: run(30, 80) },
    "tfjs wasm": { matmul: run(68, 90) },
  },
];

test("times are those of the fastest run; medians are compared within their round", () => {
  expect(timesOf(rounds, engines, "matmul")).toEqual([
    { engine: "Tead", ms: 40, ratio: 1, typical: 1 },
    { engine: "PyTorch", ms: 20, ratio: 0.5, typical: 0.6 },
    { engine: "tfjs wasm", ms: 64, ratio: 1.6, typical: 1.7 },
    { engine: "jax-js wasm", ms: undefined, ratio: undefined, typical: undefined },
  ]);
});

test("a target counts against PyTorch, the fastest other library or the second", () => {
  const reached = (row) =>
    targetsOf(row, timesOf(rounds, engines, row.name)).map(({ what, reached }) => [what, reached]);
  expect(reached(product)).toEqual([
    ["PyTorch", true],
    ["PyTorch", false],
    ["peers", true],
    ["peers", false],
  ]);
  expect(reached(tiny)).toEqual([["per second", true]]);
});

test("the table shows speeds, times, dashes and targets, and no engine without a time", () => {
  expect(table([product, add, { name: "nobody" }], rounds, engines)).toMatchInlineSnapshot(`
    "| work   | Tead         | to reach                                 | PyTorch                    | tfjs wasm                 |
    |--------|--------------|------------------------------------------|----------------------------|---------------------------|
    | matmul | 50.0 GFLOP/s | PyTorch 0.4 ✓, 0.6 ✗; peers 1.5 ✓, 1.8 ✗ | 100.0 GFLOP/s (0.50, 0.60) | 31.3 GFLOP/s (1.60, 1.70) |
    | add    | 1.00 ms      |                                          | -                          | -                         |"
  `);
});

test("the table of memory marks what is within 1.3 times PyTorch's", () => {
  const megabytes = (tensors, resident) => ({
    tensors: tensors * 2 ** 20,
    resident: resident * 2 ** 20,
  });
  const results = {
    small: { scope: megabytes(13, 20), plain: megabytes(13, 26.1), pytorch: megabytes(10, 20) },
    alone: { scope: megabytes(1, 2), plain: megabytes(1, 3), pytorch: {} },
  };
  expect(memoryTable(results)).toMatchInlineSnapshot(`
    "| training step, MB | live tensors  | PyTorch | resident, in a scope | resident, no scope | PyTorch |
    |-------------------|---------------|---------|----------------------|--------------------|---------|
    | small             | 13.0 (1.30 ✓) | 10.0    | 20.0 (1.00 ✓)        | 26.1 (1.31 ✗)      | 20.0    |
    | alone             | 1.0           | -       | 2.0                  | 3.0                | -       |"
  `);
});
