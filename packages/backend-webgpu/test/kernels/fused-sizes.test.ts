// Fused kernels on sizes that leave workgroups half full, and rows of every length class.
import { dispatch, ops, type Tensor } from "@tead/tensor";
import { it } from "vitest";
import { describeGpu } from "../device.ts";
import { expectSame, type Source } from "./both.ts";

/** An op's outputs, and those of the op of its gradient. */
const both = (a: Tensor | readonly Tensor[], b: Tensor | readonly Tensor[]): Tensor[] => [
  ...[a].flat(),
  ...[b].flat(),
];

describeGpu("fused kernels agree with the CPU", () => {
  it.each([
    ["short rows", [70, 5], 1],
    ["long rows", [3, 257], 1],
    ["rows longer than a workgroup", [2, 1500], 1],
    ["rows that are columns", [3, 100, 7], 1],
  ] as const)("softmax on %s", async (_, shape, dim) => {
    await expectSame((x) => {
      const [input, g] = [x.normal(shape), x.normal(shape)];
      const y = dispatch(ops.softmaxOp, [input], { dim });
      const log = dispatch(ops.logSoftmaxOp, [input], { dim });
      return [
        ...both(y, dispatch(ops.softmaxGradOp, [g, y], { dim })),
        ...both(log, dispatch(ops.logSoftmaxGradOp, [g, log], { dim })),
      ];
    });
  });

  it("normalization over 5 and 300 elements, by channel, by row and by group", async () => {
    const run = (x: Source, shape: readonly number[]): Tensor[] => {
      const [input, g] = [x.normal(shape), x.normal(shape)];
      const [, c, ...space] = shape as [number, number, ...number[]];
      const channels = [x.normal([c]), x.normal([c])] as const;
      const eps = 1e-5;
      const [y, mean, variance] = dispatch(ops.batchNormOp, [input, ...channels], { eps });
      const batch = [g, input, channels[0], mean, variance] as const;
      const group = { eps, groups: 2 };
      const [z, zMean, zVariance] = dispatch(ops.groupNormOp, [input, ...channels], group);
      const grouped = [g, input, channels[0], zMean, zVariance] as const;
      const layer = { eps, dims: 1 };
      const wide = [x.normal(space.slice(-1)), undefined] as const;
      const [u, uMean, uVariance] = dispatch(ops.layerNormOp, [input, ...wide], layer);
      const layered = [g, input, wide[0], uMean, uVariance] as const;
      return [
        ...[y, mean, variance, z, zMean, zVariance, u, uMean, uVariance],
        ...dispatch(ops.batchNormGradOp, batch, { eps }),
        ...dispatch(ops.groupNormGradOp, grouped, group),
        ...dispatch(ops.layerNormGradOp, layered, layer),
      ];
    };
    await expectSame((x) => [...run(x, [3, 4, 5]), ...run(x, [7, 6, 2, 300])]);
  });

  it("pooling of overlapping windows, of more than a workgroup holds", async () => {
    const plain = { kernelSize: [3, 2], stride: [2, 1], padding: [1, 1], ceilMode: true };
    const inputSize = [19, 21];
    await expectSame((x) => {
      const input = x.normal([2, 3, ...inputSize]);
      const max = { ...plain, dilation: [1, 2] };
      const [y, indices] = dispatch(ops.maxPoolOp, [input], max);
      const average = { ...plain, countIncludePad: false };
      const mean = dispatch(ops.avgPoolOp, [input], average);
      const adaptive = { outputSize: [4, 8] };
      return [
        ...[y, indices, mean, dispatch(ops.adaptiveAvgPoolOp, [input], adaptive)],
        dispatch(ops.maxPoolGradOp, [x.normal(y.shape), indices], { inputSize }),
        dispatch(ops.avgPoolGradOp, [x.normal(mean.shape)], { ...average, inputSize }),
        dispatch(ops.adaptiveAvgPoolGradOp, [x.normal([2, 3, 4, 8])], { ...adaptive, inputSize }),
      ];
    });
  });

  it("embeddings of many repeated rows, and class losses with targets left out", async () => {
    await expectSame((x) => {
      const index = x.integers(0, 23, [5, 77]);
      const attrs = { paddingIdx: 3, scaleGradByFreq: true };
      const target = x.integers(0, 6, [9, 101]);
      const weight = x.normal([6]).abs();
      const nll = { reduction: "mean", ignoreIndex: 2 } as const;
      const logs = x.normal([9, 6, 101]);
      const [loss, total] = dispatch(ops.nllLossOp, [logs, target, weight], nll);
      return [
        dispatch(ops.embeddingOp, [index, x.normal([23, 70])], attrs),
        dispatch(ops.embeddingGradOp, [x.normal([5, 77, 70]), index], {
          ...attrs,
          numEmbeddings: 23,
        }),
        loss,
        total,
        dispatch(ops.nllLossGradOp, [loss, target, weight, total], { ...nll, classes: 6 }),
      ];
    });
  });
});
