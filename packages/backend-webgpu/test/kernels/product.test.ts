import { cpu } from "@tead/backend-cpu";
import { type Backend, dispatch, Generator, ops, randn, type Tensor } from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { requestDevice } from "../../src/adapter.ts";
import { webgpu } from "../../src/webgpu.ts";
import { describeGpu } from "../device.ts";

/** The tilings of hardware, which a software driver does not choose: it takes long to compile them. */
describeGpu("products on hardware", () => {
  let device: Backend;
  beforeAll(async () => {
    const own = await requestDevice({});
    Object.defineProperty(own, "adapterInfo", { value: { isFallbackAdapter: false } });
    device = await webgpu({ device: own });
  });

  async function expectSame(compute: (on: (t: Tensor) => Tensor) => Tensor): Promise<void> {
    const expected = compute((t) => t).dataSync() as Float32Array;
    const actual = (await compute((t) => t.to(device)).data()) as Float32Array;
    let worst = 0;
    expected.forEach((x, i) => {
      worst = Math.max(worst, Math.abs(x - (actual[i] as number)));
    });
    const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(actual.length).toBe(expected.length);
    expect(worst / largest).toBeLessThan(3e-6);
  }
  const draw = (shape: readonly number[], seed = 1): Tensor =>
    randn(shape, { device: cpu(), generator: new Generator().manualSeed(seed) });

  it.each([
    ["64 by 64", [70, 67], [67, 65]],
    ["64 by 64, by fours", [70, 68], [68, 65]],
    ["32 by 64, long sums in parts", [30, 3003], [3003, 65]],
    ["16 by 32", [11, 301], [301, 29]],
  ] as const)(
    "multiply by tiles of %s",
    async (_, a, b) => {
      await expectSame((on) => on(draw(a)).matmul(on(draw(b, 2))));
    },
    30_000,
  );

  it("multiply many large matrices by tiles of 128 by 128", async () => {
    const [a, b] = [draw([64, 128, 20]), draw([130, 20], 2)];
    await expectSame((on) => on(a).matmul(on(b).t()).narrow(0, 62, 2));
  }, 30_000);

  it("convolve by tiles of 64 by 64", async () => {
    const attrs = { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 1 };
    const [x, w] = [draw([3, 5, 19, 17]), draw([37, 5, 3, 3], 2)];
    const forward = (on: (t: Tensor) => Tensor): Tensor =>
      dispatch(ops.convOp, [on(x), on(w), on(draw([37], 3))], attrs);
    await expectSame(forward);
    const g = draw(forward((t) => t).shape, 4);
    await expectSame((on) =>
      dispatch(ops.convGradInputOp, [on(g), on(w)], { ...attrs, inputSize: [19, 17] }),
    );
    await expectSame((on) =>
      dispatch(ops.convGradWeightOp, [on(x), on(g)], { ...attrs, kernelSize: [3, 3] }),
    );
  }, 30_000);
});
