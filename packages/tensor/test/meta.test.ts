import { meta, ops, rand, Tensor, zeros } from "@tead/tensor";
import { expect, test } from "vitest";

const device = meta();

test("ops on the meta device give shapes and dtypes, and check as everywhere", () => {
  const x = zeros([4, 3], { device });
  const y = x
    .matmul(zeros([3, 5], { device }))
    .softmax(1)
    .sum(0)
    .to("float64");
  expect([y.shape, y.dtype, y.device]).toEqual([[5], "float64", device]);
  expect(() => x.matmul(x)).toThrow(/^matmul: Cannot multiply \[4, 3\] by \[4, 3\]/);
  expect(x.add_(1)).toBeInstanceOf(Tensor);
  expect(rand([2], { device }).at(0).shape).toEqual([]);
});

test("no op is missing on the meta device", () => {
  const table = Object.values(ops) as readonly { readonly kind?: string; readonly name: string }[];
  for (const op of table) expect(op.name in device.kernels || op.kind === "view").toBe(true);
});

test("reading a meta tensor says that there is nothing to read", async () => {
  const x = zeros([2], { device });
  await expect(x.data()).rejects.toThrow(
    "meta: Tensor has no values: expected a device that computes",
  );
  expect(() => x.dataSync()).toThrow("expected a device with synchronous reads, received meta");
  expect(x.toString()).toBe("tensor(..., device=meta, size=(2,))");
});
