import { tensor, zeros } from "@tead/tensor";
import { it } from "vitest";
import { describeGpu } from "../device.ts";
import { expectSame } from "./both.ts";

describeGpu("reductions", () => {
  it.each([1, 64, 65, 1000, 2049, 5000])("agree with the CPU on rows of %d", async (count) => {
    await expectSame((x) => {
      const values = x.normal([3, count]);
      const whole = x.integers(-50, 50, [3, count]);
      return [values.sum(1), values.amax(1), values.argmin(1), whole.sum(1), whole.argmax(1)];
    });
  });

  it("agree with the CPU on one row in two stages", async () => {
    await expectSame((x) => {
      const values = x.normal([2, 50_000]);
      return [values.sum(), values.sum(1), values.amin(), values.t().sum(0), values.argmax(1)];
    });
  });

  it("keep a sum of 0.1 precise over 200,000 elements", async () => {
    await expectSame((x) => zeros([200_000], { device: x.device }).add(0.1).sum(), 1e-6);
  });

  it("agree with the CPU over dims that are not neighbours", async () => {
    await expectSame((x) => {
      const values = x.normal([4, 5, 6, 7]).permute([2, 0, 3, 1]);
      return [values.sum([0, 2]), values.amax([1, 3], { keepDim: true }), values.sum([0, 1, 2, 3])];
    });
  });

  it("take no sum for too large that only passes beyond int32 on its way", async () => {
    const data = Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? -2e9 : 1e9));
    await expectSame((x) => tensor(data, { device: x.device, dtype: "int32" }).sum());
    const pairs = data.map((x, i) => (i < 150 ? Math.abs(x) : -Math.abs(x)));
    await expectSame((x) => tensor(pairs, { device: x.device, dtype: "int32" }).sum());
  });
});
