import { it } from "vitest";
import { describeGpu } from "../device.ts";
import { expectSame } from "./both.ts";

describeGpu("matmul", () => {
  it.each([
    ["small, without tiles", 5, 9, 3],
    ["tiles of 16 that do not fill up", 33, 50, 47],
    ["tiles of 64 that do not fill up", 70, 67, 65],
    ["tiles of 64 that fill up", 128, 64, 128],
  ])("agrees with the CPU: %s", async (_, m, k, n) => {
    await expectSame((x) => [
      x.normal([m, k]).matmul(x.normal([k, n])),
      x
        .normal([k, m])
        .t()
        .matmul(x.normal([k, n])),
      x.normal([m, k]).matmul(x.normal([n, k]).t()),
      x
        .normal([k, m])
        .t()
        .matmul(x.normal([n, k]).t()),
    ]);
  });

  it("agrees with the CPU on batches, broadcast and permuted", async () => {
    await expectSame((x) => [
      x.normal([3, 1, 20, 30]).matmul(x.normal([2, 30, 40])),
      x
        .normal([40, 2, 30])
        .permute([1, 0, 2])
        .matmul(x.normal([30, 20])),
      x.normal([20, 30]).matmul(x.normal([4, 20, 30]).transpose(1, 2)),
    ]);
  });

  it("gives zeros where there is nothing to sum", async () => {
    await expectSame((x) => x.normal([4, 0]).matmul(x.normal([0, 3])));
  });
});
