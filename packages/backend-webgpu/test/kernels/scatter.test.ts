import { arange, zeros } from "@tead/tensor";
import { expect, it } from "vitest";
import { describeGpu, gpu } from "../device.ts";
import { expectSame } from "./both.ts";

describeGpu("scatter", () => {
  it("lets the last of repeated indices win, as the CPU does", async () => {
    await expectSame((x) => {
      const index = x.integers(0, 10, [3000]);
      return zeros([10], { device: x.device }).scatter(0, index, x.normal([3000]));
    });
  });

  it("writes into views without touching what lies between", async () => {
    await expectSame((x) => {
      const base = x.normal([6, 8]);
      const index = x.integers(0, 4, [3, 3]);
      base
        .sliceDim(1, { start: 0, end: 8, step: 2 })
        .t()
        .scatter_(0, index, x.normal([3, 3]));
      return base;
    });
  });

  it("adds in the order of the index, the same on every run", async () => {
    const device = await gpu();
    const index = arange(4000, { device }).remainder(7);
    const source = arange(4000, { device }).float().sin();
    const sum = (): Promise<unknown> =>
      zeros([7], { device }).scatterAdd(0, index, source).tolist();
    expect(await sum()).toEqual(await sum());
  });

  it.each(["float32", "int32"] as const)("adds long rows of %s by atomics", async (dtype) => {
    await expectSame((x) => {
      const index = x.integers(-30, 30, [20_000]);
      const source = x.integers(-9, 10, [20_000]).to(dtype);
      return x.integers(0, 5, [30]).to(dtype).scatterAdd(0, index, source);
    });
  });

  it("adds along every dim of a tensor", async () => {
    await expectSame((x) =>
      [0, 1, 2].map((dim) => {
        const index = x.integers(0, 4, [3, 4, 3]);
        return x.normal([4, 5, 4]).scatterAdd(dim, index, x.normal([4, 5, 4]));
      }),
    );
  });
});
