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

/** All results one after the other. */
function attend(): number[] {
  const operands = {
    query: headsOf(queries, features, 1),
    key: headsOf(keys, features, 2),
    value: headsOf(keys, columns, 3),
    mask: undefined,
  };
  const output = { ...headsOf(queries, columns, 4), data: new Float32Array(9800) };
  const logsumexp = new Float32Array(heads * queries);
  attentionF32({ output: output.data, logsumexp }, operands, sizes);
  const out = {
    gradQuery: new Float32Array(heads * queries * features),
    gradKey: new Float32Array(heads * keys * features),
    gradValue: new Float32Array(heads * keys * columns),
  };
  const grad = headsOf(queries, columns, 5);
  attentionGradF32(out, { ...operands, grad, output, logsumexp }, sizes);
  return [output.data, logsumexp, ...Object.values(out)].flatMap((values) => [...values]);
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
