// The SIMD kernels of attention against their twins: sizes around panels and blocks, masks, operands that lie in every way.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/attention.ts";
import * as simd from "../../src/wasm/attention.ts";
import { describeBuilds, random, uniform, worstError } from "./support.ts";

type Heads = twins.Heads;
type Sizes = twins.AttentionSizes;
type Layout = (heads: number, rows: number, columns: number, seed: number) => Heads;

const every = (heads: number, start: (head: number) => number): number[] =>
  Array.from({ length: heads }, (_, head) => start(head));
const layouts: Readonly<Record<string, Layout>> = {
  dense: (heads, rows, columns, seed) => ({
    data: uniform(heads * rows * columns, seed, -2, 2),
    starts: every(heads, (head) => head * rows * columns),
    row: columns,
  }),
  "side by side": (heads, rows, columns, seed) => ({
    data: uniform(5 + rows * (heads * columns + 2), seed, -2, 2),
    starts: every(heads, (head) => 5 + head * columns),
    row: heads * columns + 2,
  }),
  shared: (_heads, rows, columns, seed) => ({
    data: uniform(rows * columns + 3, seed, -2, 2),
    starts: [3, 3, 3],
    row: columns,
  }),
};

/** Results go where `layout` puts them. */
const attendBy = (
  lib: Pick<typeof twins, "attentionF32" | "attentionGradF32">,
  operands: twins.AttentionIn & { readonly grad: Heads },
  sizes: Sizes,
  layout: Layout = layouts.dense as Layout,
): Record<string, Float32Array> => {
  const { queries, keys, features, columns } = sizes;
  const heads = operands.query.starts.length;
  const output = layout(heads, queries, columns, 5);
  const logsumexp = new Float32Array(heads * queries).fill(7);
  lib.attentionF32({ output, logsumexp }, operands, sizes);
  const out = {
    gradQuery: layout(heads, queries, features, 6),
    gradKey: layout(heads, keys, features, 7),
    gradValue: layout(heads, keys, columns, 8),
  };
  lib.attentionGradF32(out, { ...operands, output, logsumexp }, sizes);
  const grads = Object.entries(out).map(([name, { data }]) => [name, data]);
  return { output: output.data, logsumexp, ...Object.fromEntries(grads) };
};

const compare = (
  operands: twins.AttentionIn & { readonly grad: Heads },
  sizes: Sizes,
  layout?: Layout,
): void => {
  const expected = attendBy(twins, operands, sizes, layout);
  const actual = attendBy(simd, operands, sizes, layout);
  for (const [name, values] of Object.entries(expected))
    expect(worstError(actual[name] as Float32Array, values), name).toBeLessThan(2e-5);
};

/** Weights of all heads, of which about a fifth is dropped. */
const keptOf = (heads: number, { queries, keys }: Sizes): twins.KeptWeights => {
  const next = random(11);
  const data = Uint8Array.from({ length: heads * queries * keys }, () => Number(next() < 0.8));
  return { data, scale: 1.25 };
};

const operandsOf = (layout: Layout, { queries, keys, features, columns }: Sizes) => ({
  query: layout(3, queries, features, 1),
  key: layout(3, keys, features, 2),
  value: layout(3, keys, columns, 3),
  grad: layout(3, queries, columns, 4),
  mask: undefined,
});

const shapes = [
  [1, 1, 1, 1],
  [3, 5, 2, 3],
  [8, 8, 8, 8],
  [9, 33, 7, 12],
  [70, 600, 5, 9],
  [40, 300, 16, 8],
] as const;

describeBuilds("attention kernels", () => {
  for (const [queries, keys, features, columns] of shapes)
    for (const causal of [false, true]) {
      const sizes = { queries, keys, features, columns, causal, scale: 0.4 };
      const title = `[${queries}, ${features}] x [${keys}, ${features}] x [${keys}, ${columns}]`;
      it.each(Object.entries(layouts))(
        `agree for ${title}, causal ${causal}, operands %s`,
        (_, layout) => compare(operandsOf(layout, sizes), sizes),
      );
      it(`agree for ${title}, causal ${causal}, some weights dropped`, () => {
        const operands = operandsOf(layouts["side by side"] as Layout, sizes);
        compare({ ...operands, kept: keptOf(3, sizes) }, sizes);
      });
    }

  it.each([
    [8, 16],
    [7, 12],
  ])("write results side by side, %i features and %i columns, and nothing between", (...wide) => {
    const sizes = { queries: 9, keys: 20, causal: false, scale: 0.4, features: 0, columns: 0 };
    [sizes.features, sizes.columns] = wide;
    const layout = layouts["side by side"] as Layout;
    compare({ ...operandsOf(layout, sizes), kept: keptOf(3, sizes) }, sizes, layout);
  });

  it("take groups of heads that lie side by side, a part at a time", () => {
    const groups: Layout = (heads, rows, columns, seed) => ({
      data: uniform(heads * rows * columns, seed, -1, 1),
      starts: every(heads, (i) => (i >> 2) * rows * 4 * columns + (i & 3) * columns),
      row: 4 * columns,
    });
    const sizes = { queries: 32, keys: 40, features: 32, columns: 32, causal: false, scale: 0.2 };
    const { queries, keys, features, columns } = sizes;
    const operands = {
      query: groups(76, queries, features, 1),
      key: groups(76, keys, features, 2),
      value: groups(76, keys, columns, 3),
      grad: groups(76, queries, columns, 4),
      mask: undefined,
      kept: keptOf(76, sizes),
    };
    compare(operands, sizes, groups);
  });

  const sizes = { queries: 11, keys: 13, features: 4, columns: 6, causal: false, scale: 0.5 };
  const operands = operandsOf(layouts.dense as Layout, sizes);
  const count = 3 * sizes.queries * sizes.keys;
  const bools = (): Uint8Array => {
    const next = random(8);
    return Uint8Array.from({ length: count }, () => Number(next() < 0.6));
  };
  const each = every(3, (head) => head * sizes.queries * sizes.keys);
  const masks: Readonly<Record<string, twins.ScoreMask>> = {
    "added to each head": {
      ...{ data: uniform(count, 9), isBool: false, starts: each },
      ...{ row: sizes.keys, column: 1 },
    },
    "added to all heads alike": {
      ...{ data: uniform(count, 9), isBool: false, starts: [5, 5, 5] },
      ...{ row: sizes.keys, column: 1 },
    },
    transposed: {
      ...{ data: uniform(count, 9), isBool: false, starts: [0, 0, 0] },
      ...{ row: 1, column: sizes.queries },
    },
    "of bools": { data: bools(), isBool: true, starts: each, row: sizes.keys, column: 1 },
    "the same for all queries": {
      ...{ data: bools(), isBool: true, starts: [0, 20, 40], row: 0, column: 1 },
    },
    "that hides all keys from a query": {
      ...{ data: bools().fill(0, 26, 39), isBool: true, starts: each, row: sizes.keys, column: 1 },
    },
  };
  it.each(Object.entries(masks))("agree with a mask %s", (_, mask) => {
    compare({ ...operands, mask }, sizes);
    compare({ ...operands, mask }, { ...sizes, causal: true });
  });

  it("give 0 to a query that sees nothing", () => {
    const mask = masks["that hides all keys from a query"] as twins.ScoreMask;
    const { output, logsumexp } = attendBy(simd, { ...operands, mask }, sizes);
    expect([...(output as Float32Array).subarray(12, 18)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect((logsumexp as Float32Array)[2]).toBe(Number.NEGATIVE_INFINITY);
  });

  it("stay finite for scores of 1e4, and leave NaN to its query and head", () => {
    const query = (layouts.dense as Layout)(3, sizes.queries, sizes.features, 1);
    query.data.fill(5e3, 0, sizes.features);
    query.data[sizes.features * 3] = Number.NaN;
    const expected = attendBy(twins, { ...operands, query }, sizes);
    const actual = attendBy(simd, { ...operands, query }, sizes);
    expect(worstError(actual.output as Float32Array, expected.output as Float32Array)).toBeLessThan(
      1e-3,
    );
    const rows = Array.from({ length: 33 }, (_, i) =>
      (actual.output as Float32Array).subarray(i * 6, i * 6 + 6).some(Number.isNaN),
    );
    expect(rows.flatMap((spoilt, i) => (spoilt ? [i] : []))).toEqual([3]);
  });

  it("take heads a part at a time", () => {
    const many = { ...sizes, queries: 64, keys: 64, features: 32, columns: 32 };
    const dense = layouts.dense as Layout;
    compare(
      {
        query: dense(60, 64, 32, 1),
        key: dense(60, 64, 32, 2),
        value: dense(60, 64, 32, 3),
        grad: dense(60, 64, 32, 4),
        mask: undefined,
      },
      many,
    );
  });

  it("hand rows that are too long to the plain loops, and do nothing for no heads or keys", () => {
    const wide = { ...sizes, queries: 2, keys: 3, features: 1030 };
    compare(operandsOf(layouts.dense as Layout, wide), wide);
    const none = { data: new Float32Array(0), starts: [], row: 4 };
    compare({ query: none, key: none, value: none, grad: none, mask: undefined }, sizes);
    const keyless = { ...sizes, keys: 0 };
    compare(operandsOf(layouts.dense as Layout, keyless), keyless);
  });
});
