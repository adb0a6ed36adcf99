// Reductions and scans.
import type { ErrorCase, OpTraits } from "../case.ts";
import type { FixtureRow } from "../fixture.ts";
import { reduce } from "../fixtures/reduce.ts";
import { window } from "../fixtures/window.ts";
import { type Cases, family, grid } from "./family.ts";

const top = 2147483647;
const overflow = (
  attrs: FixtureRow["attrs"],
  data: readonly number[],
  position = 0,
): ErrorCase => ({
  name: "a result beyond int32",
  dtype: "int32",
  inputs: [{ shape: [data.length], data }],
  attrs: { ...attrs, dtype: "int32" },
  message: /Integer overflows/,
  position,
});
/** The second result of two. */
const later: ErrorCase = {
  ...overflow({ dims: [1], keepDim: false }, [1, 1, top, 1], 1),
  inputs: [{ shape: [2, 2], data: [1, 1, top, 1] }],
};
const over = (dims: readonly number[], more = {}) => ({ dims, keepDim: false, ...more });

/** Enough results for every vector loop and its rest. */
const manyResults = (more = {}): NonNullable<OpTraits["large"]> => [
  { kind: "float", inputs: [grid([70, 6], 5)], attrs: over([1], more) },
];
const large = (more = {}): NonNullable<OpTraits["large"]> => [
  { kind: "float", inputs: [grid([5, 131], 1)], attrs: over([1], more) },
  { kind: "float", inputs: [grid([131, 5], 2)], attrs: over([0], more) },
  { kind: "float", inputs: [grid([3, 37, 4], 3)], attrs: over([0, 2], more) },
  ...manyResults(more),
];
const sum = { dtype: "$sum" };
const along = (dim: number, more: object) => ({
  kind: "float" as const,
  inputs: [grid(dim === 0 ? [67, 5] : [5, 67], 4)],
  attrs: { dim, ...more },
});

const flat = { keepDim: false };
const places = [
  along(0, flat),
  along(1, flat),
  { kind: "float" as const, inputs: [grid([70, 6], 6)], attrs: { dim: 1, ...flat } },
];

export const reduceCases: Cases = family(
  "reduce",
  { ...reduce, median: window.median ?? [] },
  {
    sum: {
      large: large(sum),
      errors: [overflow(over([0]), [top, 1]), overflow(over([0]), [-top, -2]), later],
    },
    prod: {
      large: manyResults(sum),
      errors: [
        overflow(over([0]), [65536, 65536]),
        { ...later, inputs: [{ shape: [2, 2], data: [1, 1, 65536, 65536] }] },
      ],
    },
    mean: { large: large() },
    amax: { large: large() },
    amin: { large: large() },
    argmax: { large: places },
    argmin: { large: places },
    cumsum: {
      large: [along(0, sum), along(1, sum)],
      errors: [overflow({ dim: 0 }, [top, 1, -5], 1)],
    },
    cumprod: { errors: [overflow({ dim: 0 }, [65536, 65536, 0], 1)] },
  },
);
