// The SIMD kernels of recurrent layers against their twins: sizes around the panels, packed and reversed sequences.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/rnn.ts";
import * as simd from "../../src/wasm/rnn.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

const sequences = [
  { batchSizes: [1], reverse: false },
  { batchSizes: [3, 3, 3, 3], reverse: false },
  { batchSizes: [5, 5, 3, 2, 1], reverse: false },
  { batchSizes: [5, 4, 4, 1], reverse: true },
];
const hiddenSizes = [1, 3, 5, 8, 13, 32];

const rowsOf = ({ batchSizes }: { readonly batchSizes: readonly number[] }): number =>
  batchSizes.reduce((sum, size) => sum + size, 0);
const blank = (count: number): Float32Array => new Float32Array(count).fill(7);

type Arrays = Readonly<Record<string, Float32Array | undefined>>;
const expectClose = (actual: Arrays, expected: Arrays): void => {
  for (const [name, values] of Object.entries(expected))
    expect(worstError(actual[name] as Float32Array, values as Float32Array), name).toBeLessThan(
      2e-6,
    );
};

describeBuilds("recurrent kernels", () => {
  for (const steps of sequences)
    for (const hidden of hiddenSizes) {
      const [rows, batch] = [rowsOf(steps), steps.batchSizes[0] as number];
      const sequence = { ...steps, hidden };
      const draw = (count: number, seed: number): Float32Array =>
        uniform(count, seed, -1 / Math.sqrt(hidden), 1 / Math.sqrt(hidden));
      const state = uniform(batch * hidden, 1);
      const cell = uniform(batch * hidden, 2);
      const grad = uniform(rows * hidden, 3);
      const title = `of ${hidden} over ${steps.batchSizes}${steps.reverse ? " in reverse" : ""}`;

      it.each([false, true])(`agree for a simple layer ${title}, relu %s`, (relu) => {
        const operands = { gates: uniform(rows * hidden, 4), state };
        const weight = draw(hidden * hidden, 5);
        const run = (lib: typeof twins): Arrays => {
          const output = blank(rows * hidden);
          lib.rnnSequenceF32(output, { ...operands, weight }, { ...sequence, relu });
          const out = { gradGates: blank(rows * hidden), gradState: blank(batch * hidden) };
          lib.rnnSequenceGradF32(out, { grad, weight, output }, { ...sequence, relu });
          return { output, ...out };
        };
        expectClose(run(simd), run(twins));
      });

      it(`agree for an LSTM ${title}`, () => {
        const gates = uniform(rows * 4 * hidden, 4, -3, 3);
        const weight = draw(4 * hidden * hidden, 5);
        const gradCells = uniform(rows * hidden, 6);
        const run = (lib: typeof twins): Arrays => {
          const [output, cells] = [blank(rows * hidden), blank(rows * hidden)];
          const activations = blank(rows * 4 * hidden);
          const operands = { gates, state, cell, weight, projection: undefined };
          lib.lstmSequenceF32({ output, cells, activations }, operands, sequence);
          const results: Record<string, Float32Array> = { output, cells, activations };
          for (const more of [undefined, gradCells]) {
            const gradGates = blank(rows * 4 * hidden);
            const [gradState, gradCell] = [blank(batch * hidden), blank(batch * hidden)];
            const saved = { cell, weight, cells, activations };
            const out = { gradGates, gradState, gradCell };
            lib.lstmSequenceGradF32(out, { grad, gradCells: more, ...saved }, sequence);
            for (const [name, values] of Object.entries(out))
              results[`${name} ${more === undefined ? "" : "with cells"}`] = values;
          }
          return results;
        };
        expectClose(run(simd), run(twins));
      });

      it.each([1, 4, 10])(`agree for an LSTM ${title}, projected to %i`, (size) => {
        const gates = uniform(rows * 4 * hidden, 4, -3, 3);
        const weight = draw(4 * hidden * size, 5);
        const projection = draw(size * hidden, 7);
        const run = (lib: typeof twins): Arrays => {
          const [output, cells] = [blank(rows * size), blank(rows * hidden)];
          const activations = blank(rows * 4 * hidden);
          const operands = { gates, state: uniform(batch * size, 8), cell, weight, projection };
          lib.lstmSequenceF32({ output, cells, activations }, operands, sequence);
          return { output, cells, activations };
        };
        expectClose(run(simd), run(twins));
      });

      it.each([false, true])(`agree for a GRU ${title}, bias %s`, (withBias) => {
        const gates = uniform(rows * 3 * hidden, 4, -3, 3);
        const weight = draw(3 * hidden * hidden, 5);
        const bias = withBias ? draw(3 * hidden, 6) : undefined;
        const run = (lib: typeof twins): Arrays => {
          const [output, activations] = [blank(rows * hidden), blank(rows * 4 * hidden)];
          const operands = { gates, state, weight, bias };
          lib.gruSequenceF32({ output, activations }, operands, sequence);
          const [gradGates, gradProducts] = [blank(rows * 3 * hidden), blank(rows * 3 * hidden)];
          const gradState = blank(batch * hidden);
          const saved = { state, weight, output, activations };
          const out = { gradGates, gradProducts, gradState };
          lib.gruSequenceGradF32(out, { grad, ...saved }, sequence);
          return { output, activations, ...out };
        };
        expectClose(run(simd), run(twins));
      });
    }

  it("leave a NaN and an infinity to their sequence", () => {
    const [hidden, batch] = [3, 3];
    const sequence = { batchSizes: [3, 3, 3], reverse: false, hidden };
    const gates = uniform(9 * 4 * hidden, 4);
    gates[2] = Number.NaN;
    gates[4 * hidden] = Number.POSITIVE_INFINITY;
    const state = uniform(batch * hidden, 1);
    const weight = uniform(4 * hidden * hidden, 5);
    const run = (lib: typeof twins): Float32Array => {
      const [output, cells] = [blank(9 * hidden), blank(9 * hidden)];
      const activations = blank(9 * 4 * hidden);
      const operands = { gates, state, cell: state, weight, projection: undefined };
      lib.lstmSequenceF32({ output, cells, activations }, operands, sequence);
      return output;
    };
    const [actual, expected] = [run(simd), run(twins)];
    expect(worstError(actual, expected)).toBeLessThan(2e-6);
    expect(expected.some(Number.isNaN)).toBe(true);
    expect(expected.subarray(2 * hidden, 3 * hidden).some(Number.isNaN)).toBe(false);
  });

  it("give back empty results for an empty batch", () => {
    const sequence = { batchSizes: [0, 0], reverse: false, hidden: 3 };
    const none = new Float32Array(0);
    const weight = uniform(36, 1);
    const operands = { gates: none, state: none, cell: none, weight, projection: undefined };
    const out = { output: none, cells: none, activations: none };
    expect(() => simd.lstmSequenceF32(out, operands, sequence)).not.toThrow();
  });
});
