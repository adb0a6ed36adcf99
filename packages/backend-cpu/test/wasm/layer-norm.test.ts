// The SIMD layer norm against its twin, row lengths around vector and chunk edges, with and without weight and bias.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/layer-norm.ts";
import * as simd from "../../src/wasm/layer-norm.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

const sizes = [
  ...[
    [1, 1],
    [3, 2],
    [5, 7],
    [70, 64],
    [100, 10],
  ],
  ...[
    [9, 1001],
    [2, 4097],
    [3, 300],
    [0, 5],
  ],
] as [number, number][];
const eps = 1e-5;

describeBuilds("layer norm", () => {
  for (const [rows, columns] of sizes)
    for (const affine of [true, false])
      it(`of [${rows}, ${columns}] ${affine ? "with" : "without"} weight and bias agrees with the plain loops`, () => {
        const count = rows * columns;
        const x = uniform(count, 1, -2, 4);
        const g = uniform(count, 2);
        const weight = affine ? uniform(columns, 3) : undefined;
        const bias = affine ? uniform(columns, 4) : undefined;
        const results = [twins, simd].map((lib) => {
          const [y, dx] = [new Float32Array(count), new Float32Array(count)];
          const [means, variances] = [new Float32Array(rows), new Float32Array(rows)];
          const [dw, db] = [new Float64Array(columns), new Float64Array(columns)];
          lib.layerNormF32(y, means, variances, x, weight, bias, rows, columns, eps);
          lib.layerNormGradF32(
            ...([dx, dw, db, g, x, means, variances, weight, rows, columns, eps] as const),
          );
          return { y, means, variances, dx, dw, db };
        });
        const [expected, actual] = results as [(typeof results)[0], (typeof results)[0]];
        // One value has a variance of rounding errors alone, and a gradient of differences of them.
        const bound = columns < 3 ? 2e-3 : 4e-6;
        for (const name of ["y", "means", "variances", "dx", "dw", "db"] as const)
          expect(worstError(actual[name], expected[name]), name).toBeLessThan(bound);
      });

  it("gives NaN where a row holds NaN or Infinity, and leaves the other rows alone", () => {
    const x = uniform(3 * 20, 5);
    x[3] = Number.NaN;
    x[25] = Number.POSITIVE_INFINITY;
    const [y, means, variances] = [new Float32Array(60), new Float32Array(3), new Float32Array(3)];
    simd.layerNormF32(y, means, variances, x, undefined, undefined, 3, 20, eps);
    expect(y.subarray(0, 40).every(Number.isNaN)).toBe(true);
    expect(y.subarray(40).some(Number.isNaN)).toBe(false);
  });
});
