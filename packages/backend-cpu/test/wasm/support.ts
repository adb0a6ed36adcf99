// What the tests of src/wasm share: deterministic random arrays, comparison by error bound, and running every test on each
// build of the kernels that this engine has.
import { afterAll, beforeAll, describe, expect } from "vitest";
import { setWasmBuild, type WasmBuild, wasmInfo } from "../../src/wasm/engine.ts";

/** A small linear congruential generator: the same numbers on every machine. */
export const random = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

/** `count` float32 numbers in [low, high). */
export const uniform = (count: number, seed: number, low = -1, high = 1): Float32Array => {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => low + (high - low) * next());
};

/** The largest |actual - expected| / (1 + |expected|); Infinity where only one is NaN or they differ in infinity. */
export const worstError = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] as number;
    const e = expected[i] as number;
    if (Object.is(a, e) || a === e) continue;
    const error = Math.abs(a - e) / (1 + Math.abs(e));
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return worst;
};

const available = (): WasmBuild[] => {
  setWasmBuild("auto");
  const build = wasmInfo().build;
  if (build === "none") return [];
  return build === "relaxed" ? ["plain", "relaxed"] : ["plain"];
};

/** The tests in `body` once for each build that can run here. */
export const describeBuilds = (title: string, body: () => void): void => {
  const builds = available();
  if (builds.length === 0) throw new Error("WebAssembly SIMD is not available");
  for (const build of builds) {
    describe(`${title} (${build} SIMD)`, () => {
      beforeAll(() => setWasmBuild(build));
      afterAll(() => setWasmBuild("auto"));
      body();
    });
  }
};
