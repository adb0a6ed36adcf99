import { tensor } from "@tead/tensor";
import { it } from "vitest";
import { describeGpu } from "../device.ts";
import { expectSame } from "./both.ts";

describeGpu("sort", () => {
  it.each([1, 2, 3, 255, 1000, 5000])("agrees with the CPU on %d elements", async (count) => {
    await expectSame((x) => {
      const values = x.normal([count]);
      const { values: up, indices } = values.sort(0);
      return [up, indices, values.sort(0, { descending: true }).indices];
    });
  });

  it("keeps the order of equals, both ways, along any dim", async () => {
    await expectSame((x) => {
      const few = x.integers(-3, 4, [7, 60, 5]).transpose(0, 2);
      return [0, 1, 2].flatMap((dim) => [
        few.sort(dim).indices,
        few.sort(dim, { descending: true }).indices,
      ]);
    });
  });

  it("puts NaN last, and 0 and -0 in their order", async () => {
    const data = [
      0,
      Number.NaN,
      -0,
      Number.POSITIVE_INFINITY,
      -1,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ];
    await expectSame((x) => {
      const values = tensor(data, { device: x.device, dtype: "float32" });
      return [values.sort(0).indices, values.sort(0, { descending: true }).indices];
    });
  });
});
