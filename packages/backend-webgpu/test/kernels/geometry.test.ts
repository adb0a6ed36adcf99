import { zeros } from "@tead/tensor";
import { expect, it } from "vitest";
import { merged, padded } from "../../src/kernels/geometry.ts";
import { describeGpu, gpu } from "../device.ts";
import { expectSame } from "./both.ts";

it("merged() makes one dim of what lies one after the other in every operand", () => {
  const plain = { shape: [2, 3, 4], strides: [[12, 4, 1]] };
  expect(merged(plain)).toEqual({ shape: [24], strides: [[1]] });
  expect(
    merged({
      ...plain,
      strides: [
        [12, 4, 1],
        [0, 4, 1],
      ],
    }),
  ).toEqual({
    shape: [2, 12],
    strides: [
      [12, 1],
      [0, 1],
    ],
  });
  expect(merged({ shape: [2, 1, 4], strides: [[4, 99, 1]] })).toEqual({
    shape: [8],
    strides: [[1]],
  });
  expect(merged({ shape: [2, 3], strides: [[1, 2]] })).toEqual({
    shape: [2, 3],
    strides: [[1, 2]],
  });
  expect(merged({ shape: [], strides: [[]] })).toEqual({ shape: [], strides: [[]] });
});

it("padded() puts dims of size 1 in front, and refuses more than 16", () => {
  expect(padded({ shape: [5, 6, 7], strides: [[1, 2, 3]] })).toEqual({
    shape: [1, 5, 6, 7],
    strides: [[0, 1, 2, 3]],
  });
  const rank = new Array<number>(17).fill(2);
  expect(() => padded({ shape: rank, strides: [rank] })).toThrow(
    "webgpu: Tensor has too many dims: expected at most 16 that cannot be merged, received 17\n" +
      "Hint: call contiguous() first",
  );
});

describeGpu("strided operands", () => {
  it("of many dims, permuted, agree with the CPU", async () => {
    const shape = [2, 3, 2, 2, 3, 2, 2, 2, 2];
    const reversed = shape.map((_, d) => shape.length - 1 - d);
    await expectSame((x) => {
      const values = x.normal(shape).permute(reversed);
      return [values.add(x.normal(values.shape)), values.contiguous(), values.sum([1, 4])];
    });
  });

  it("that overlap the output are read before it is written", async () => {
    const device = await gpu();
    const base = zeros([6], { device }).add(1).cumsum(0);
    base.narrow(0, 1, 5).copy_(base.narrow(0, 0, 5));
    expect(await base.tolist()).toEqual([1, 1, 2, 3, 4, 5]);
    base.narrow(0, 0, 5).add_(base.narrow(0, 1, 5));
    expect(await base.tolist()).toEqual([2, 3, 5, 7, 9, 5]);
    const square = zeros([3, 3], { device }).add(1).cumsum(0).cumsum(1);
    square.mul_(square.t());
    expect(await square.tolist()).toEqual([
      [1, 4, 9],
      [4, 16, 36],
      [9, 36, 81],
    ]);
  });
});
