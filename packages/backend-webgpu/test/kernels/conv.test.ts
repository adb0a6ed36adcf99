import { conv1d, conv2d, conv3d, convTranspose2d, dispatch, ops } from "@tead/tensor";
import { it } from "vitest";
import { describeGpu } from "../device.ts";
import { expectSame, type Source } from "./both.ts";

const two = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };

/** The convolution, and its two gradients for a random gradient of the output. */
function threeWays(
  x: Source,
  input: readonly number[],
  weight: readonly number[],
  attrs: typeof two,
) {
  const [data, w] = [x.normal(input), x.normal(weight)];
  const y = dispatch(ops.convOp, [data, w, x.normal([weight[0] as number])], attrs);
  const g = x.normal(y.shape);
  return [
    y,
    dispatch(ops.convGradInputOp, [g, w], { ...attrs, inputSize: input.slice(2) }),
    dispatch(ops.convGradWeightOp, [data, g], { ...attrs, kernelSize: weight.slice(2) }),
  ];
}

describeGpu("convolution", () => {
  it.each([
    ["small enough to go without tiles", [2, 3, 7, 6], [4, 3, 3, 3], two],
    ["tiles that do not fill up", [3, 5, 19, 17], [21, 5, 3, 3], two],
    [
      "strides and padding",
      [2, 6, 23, 22],
      [35, 6, 5, 3],
      { ...two, stride: [2, 3], padding: [2, 0] },
    ],
    ["groups and dilation", [2, 8, 20, 21], [36, 4, 3, 2], { ...two, dilation: [2, 3], groups: 2 }],
    ["a channel each", [2, 12, 40, 13], [12, 1, 3, 3], { ...two, groups: 12 }],
  ] as const)("agrees with the CPU in two dims: %s", async (_, input, weight, attrs) => {
    await expectSame((x) => threeWays(x, input, weight, { ...two, ...attrs } as typeof two), 3e-6);
  });

  it("agrees with the CPU in one and three dims", async () => {
    const one = { stride: [2], padding: [1], dilation: [1], groups: 1 };
    const three = { stride: [1, 2, 1], padding: [0, 1, 1], dilation: [1, 1, 2], groups: 1 };
    await expectSame(
      (x) => [
        ...threeWays(x, [3, 4, 201], [18, 4, 5], one),
        ...threeWays(x, [2, 3, 6, 9, 10], [17, 3, 2, 3, 3], three),
      ],
      3e-6,
    );
  });

  it("reads permuted and sliced operands, and convolves nothing", async () => {
    await expectSame((x) => {
      const images = x.normal([2, 9, 8, 3]).permute([0, 3, 1, 2]);
      const weight = x.normal([5, 3, 3, 6]).sliceDim(3, { start: 0, end: 6, step: 2 });
      return [
        conv2d(images, weight, undefined, { padding: 1 }),
        conv2d(x.normal([0, 3, 9, 8]), weight),
        convTranspose2d(images, x.normal([3, 4, 2, 2]), x.normal([4]), { stride: 2 }),
        conv1d(x.normal([1, 3, 9]), x.normal([2, 3, 1])),
        conv3d(x.normal([1, 2, 3, 4, 4]), x.normal([2, 2, 1, 2, 2])),
      ];
    });
  });
});
