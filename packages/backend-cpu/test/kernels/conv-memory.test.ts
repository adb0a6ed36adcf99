// Convolution never holds the unfolded matrix: what a call allocates beside its result is bounded.
import { cpu } from "@tead/backend-cpu";
import { dispatch, ops, setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { wasmScratchBytes } from "../../src/wasm/index.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));
afterEach(() => vi.unstubAllGlobals());

/** 4 MB for the plain loops; the SIMD kernels stage an image, its result, and transformed tiles of it. */
const limits = { float64: 4 * 2 ** 20, float32: 24 * 2 ** 20 };
const arrays = ["Float32Array", "Float64Array", "Int32Array", "Uint8Array"] as const;

/** The bytes of every typed array that `run` makes, and what the engine's scratch memory grows by. */
function bytesAllocated(run: () => void): number {
  let bytes = 0;
  for (const name of arrays) {
    const Original = globalThis[name] as unknown as new (...args: unknown[]) => Float32Array;
    const Counting = new Proxy(Original, {
      construct(target, args, newTarget) {
        const array = Reflect.construct(target, args, newTarget) as Float32Array;
        // A window on a buffer that exists costs nothing.
        if (!(args[0] instanceof ArrayBuffer)) bytes += array.byteLength;
        return array;
      },
    });
    vi.stubGlobal(name, Counting);
  }
  const scratch = wasmScratchBytes();
  run();
  vi.unstubAllGlobals();
  return bytes + Math.max(0, wasmScratchBytes() - scratch);
}

const attrs = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };

// Unfolded, the input would take 64 * 9 * 112 * 112 * 8 bytes = 58 MB an image in float64.
describe.each(["float64", "float32"] as const)("in %s", (dtype) => {
  const limit = limits[dtype];
  const size = dtype === "float64" ? 8 : 4;
  const result = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, size);
  let [x, w, g]: Tensor[] = [];
  beforeAll(() => {
    x = zeros([1, 64, 112, 112], { dtype });
    w = zeros([8, 64, 3, 3], { dtype });
    g = zeros([1, 8, 112, 112], { dtype });
  });

  test("the forward pass stays within bounds beside its result", () => {
    const run = (): unknown => dispatch(ops.convOp, [x as Tensor, w as Tensor, undefined], attrs);
    expect(bytesAllocated(run) - result([1, 8, 112, 112])).toBeLessThan(limit);
  });
  test("the input's gradient stays within bounds beside its result", () => {
    const run = (): unknown =>
      dispatch(ops.convGradInputOp, [g as Tensor, w as Tensor], {
        ...attrs,
        inputSize: [112, 112],
      });
    expect(bytesAllocated(run) - result([1, 64, 112, 112])).toBeLessThan(limit);
  });
  test("the weight's gradient stays within bounds beside its result", () => {
    const run = (): unknown =>
      dispatch(ops.convGradWeightOp, [x as Tensor, g as Tensor], { ...attrs, kernelSize: [3, 3] });
    expect(bytesAllocated(run) - result([8, 64, 3, 3])).toBeLessThan(limit);
  });
});

test("extreme kernels stay within 4 MB too", () => {
  const x3 = zeros([1, 1, 40, 40, 40], { dtype: "float64" });
  const w3 = zeros([2, 1, 16, 16, 16], { dtype: "float64" });
  const options = { stride: [1, 1, 1], padding: [0, 0, 0], dilation: [1, 1, 1], groups: 1 };
  let y: Tensor | undefined;
  const own = 2 * 25 ** 3 * 8;
  expect(
    bytesAllocated(() => {
      y = dispatch(ops.convOp, [x3, w3, undefined], options);
    }) - own,
  ).toBeLessThan(limits.float64);
  expect(y?.shape).toEqual([1, 2, 25, 25, 25]);
});

test("the count sees what an unfolding would allocate", () => {
  const unfolded = bytesAllocated(() => new Float64Array(64 * 9 * 112 * 112));
  expect(unfolded).toBeGreaterThan(limits.float32);
});
