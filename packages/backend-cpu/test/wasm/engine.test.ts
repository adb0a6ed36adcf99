// Choosing and loading a build: what it reports, the fallback to the twins, and that both builds give equal elementwise bits.
import { afterEach, describe, expect, it } from "vitest";
import * as twins from "../../src/twins/index.ts";
import { f32Kernels } from "../../src/wasm/choose.ts";
import {
  setWasmBuild,
  wasmAvailable,
  wasmEngine,
  wasmInfo,
  wasmScratchBytes,
} from "../../src/wasm/engine.ts";
import * as simd from "../../src/wasm/index.ts";
import { uniform } from "./support.ts";

describe("the WebAssembly engine", () => {
  afterEach(() => setWasmBuild("auto"));

  it("is loaded on first use and says which build runs", () => {
    setWasmBuild("auto");
    expect(wasmScratchBytes()).toBe(0);
    const info = wasmInfo();
    expect(info.available).toBe(true);
    expect(info.tile).toEqual(info.build === "relaxed" ? [6, 8] : [5, 8]);
    expect(wasmScratchBytes()).toBeGreaterThan(0);
    expect(f32Kernels().matmulF32).toBe(simd.matmulF32);
  });

  it("can be turned off, and the twins take over", () => {
    setWasmBuild("none");
    expect(wasmAvailable()).toBe(false);
    expect(wasmInfo()).toEqual({ available: false, build: "none", tile: [0, 0] });
    expect(f32Kernels()).toBe(twins);
    expect(() => wasmEngine()).toThrow("WebAssembly SIMD is not available here");
  });

  it("offers every twin as a kernel and no more", () => {
    setWasmBuild("plain");
    expect(Object.keys(f32Kernels()).sort()).toEqual(Object.keys(twins).sort());
  });

  it("gives the same bits for elementwise functions in every build", () => {
    setWasmBuild("auto");
    const builds =
      wasmInfo().build === "relaxed" ? (["plain", "relaxed"] as const) : ["plain" as const];
    const x = uniform(1000, 1, -10, 10);
    const results = builds.map((build) => {
      setWasmBuild(build);
      return (["exp", "log", "tanh", "sigmoid"] as const).map((name) => {
        const out = new Float32Array(x.length);
        f32Kernels().unaryF32[name](out, 0, x, 0, x.length);
        return [...new Uint32Array(out.buffer)].map((bits) =>
          (bits & 0x7fffffff) > 0x7f800000 ? 0 : bits,
        );
      });
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });
});
