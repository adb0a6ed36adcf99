// Attention and its gradient on one, two and four threads: the same bits, each head a task.
import { afterAll, expect, it } from "vitest";
import { engineFor, setNumThreads, threadsStarted } from "../../src/threads/threads.ts";
import { attentionF32, attentionGradF32 } from "../../src/wasm/attention.ts";
import { describeBuilds, uniform } from "../wasm/support.ts";

const sizes = { queries: 70, keys: 90, features: 33, columns: 20, scale: 0.2, causal: true };
const { queries, keys, features, columns } = sizes;
const heads = 7;

const headsOf = (rows: number, row: number, seed: number) => ({
  data: uniform(heads * rows * row, seed),
  starts: Array.from({ length: heads }, (_, head) => head * rows * row),
  row,
});

const kept = {
  data: Uint8Array.from({ length: heads * queries * keys }, (_, i) => Number(i % 3 > 0)),
  scale: 1.5,
};

/** All results one after the other. */
function attend(): number[] {
  const operands = {
    query: headsOf(queries, features, 1),
    key: headsOf(keys, features, 2),
    value: headsOf(keys, columns, 3),
    mask: undefined,
    kept,
  };
  const output = headsOf(queries, columns, 4);
  const logsumexp = new Float32Array(heads * queries);
  attentionF32({ output, logsumexp }, operands, sizes);
  const out = {
    gradQuery: headsOf(queries, features, 5),
    gradKey: headsOf(keys, features, 6),
    gradValue: headsOf(keys, columns, 7),
  };
  const grad = headsOf(queries, columns, 8);
  attentionGradF32(out, { ...operands, grad, output, logsumexp }, sizes);
  const results = [output, ...Object.values(out)].flatMap(({ data }) => [...data]);
  return [...results, ...logsumexp];
}

describeBuilds("attention on threads", () => {
  afterAll(() => setNumThreads(1));

  it("gives the same bits with 1, 2 and 4 threads", async () => {
    const results: number[][] = [];
    for (const threads of [1, 2, 4]) {
      setNumThreads(threads);
      expect(await threadsStarted()).toBe(threads);
      expect(engineFor(1e9).shared).toBe(threads > 1);
      results.push(attend());
    }
    expect(results[0]?.every(Number.isFinite)).toBe(true);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
