// The float32 kernels agree with the float64 ones, which PyTorch's numbers prove, for operands that
// lie in memory in every way: in order, transposed, sliced, expanded, empty, with NaN and infinities.
import { cpu } from "@tead/backend-cpu";
import * as tead from "@tead/tensor";
import { type DType, setDefaultDevice, type Tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

type Layout = (t: Tensor) => Tensor;
/** Each makes a tensor of the same shape and values lie otherwise in memory. */
const layouts: Readonly<Record<string, Layout>> = {
  "in order": (t) => t,
  "in reverse order of dims": (t) =>
    t
      .permute(t.shape.map((_, i) => t.ndim - 1 - i))
      .clone()
      .permute(t.shape.map((_, i) => t.ndim - 1 - i)),
  "with gaps": (t) => {
    const wide = t.newZeros([...t.shape.slice(0, -1), 2 * t.size(-1) + 1]);
    return wide.sliceDim(-1, { start: 1, step: 2 }).copy_(t);
  },
  "behind an offset": (t) => {
    const long = t.newZeros([t.numel() + 5]);
    return long
      .narrow(0, 5, t.numel())
      .copy_(t.reshape([-1]))
      .view(t.shape);
  },
};

function values(shape: readonly number[], dtype: DType, phase: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));
  return tead.tensor(data, { shape }).to(dtype);
}

const plain = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
const odd = { stride: [2, 1], padding: [0, 2], dilation: [1, 2], groups: 2 };
const max = {
  kernelSize: [3, 2],
  stride: [2, 2],
  padding: [1, 0],
  dilation: [1, 2],
  ceilMode: true,
};
const average = { kernelSize: [3, 2], stride: [2, 2], padding: [1, 1], ceilMode: true };
const { ops, dispatch } = tead;
type Run = (...inputs: Tensor[]) => Tensor | readonly Tensor[];
const cases: readonly (readonly [string, Run, readonly (readonly number[])[]])[] = [
  [
    "conv",
    (x, w, b) => dispatch(ops.convOp, [x!, w!, b], plain),
    [[2, 3, 9, 8], [5, 3, 3, 3], [5]],
  ],
  [
    "conv, grouped",
    (x, w) => dispatch(ops.convOp, [x!, w!, undefined], odd),
    [
      [2, 4, 9, 8],
      [6, 2, 3, 2],
    ],
  ],
  [
    "conv1d",
    (x, w, b) => tead.conv1d(x!, w!, b, { padding: 2, stride: 2 }),
    [[2, 3, 17], [5, 3, 5], [5]],
  ],
  [
    "conv3d",
    (x, w, b) => tead.conv3d(x!, w!, b, { padding: 1 }),
    [[2, 3, 3, 4, 5], [2, 3, 2, 3, 3], [2]],
  ],
  [
    "convGradInput",
    (g, w) => dispatch(ops.convGradInputOp, [g!, w!], { ...plain, inputSize: [9, 8] }),
    [
      [2, 5, 9, 8],
      [5, 3, 3, 3],
    ],
  ],
  [
    "convGradInput, grouped",
    (g, w) => dispatch(ops.convGradInputOp, [g!, w!], { ...odd, inputSize: [9, 8] }),
    [
      [2, 6, 4, 10],
      [6, 2, 3, 2],
    ],
  ],
  [
    "convGradWeight",
    (x, g) => dispatch(ops.convGradWeightOp, [x!, g!], { ...plain, kernelSize: [3, 3] }),
    [
      [2, 3, 9, 8],
      [2, 5, 9, 8],
    ],
  ],
  [
    "convGradWeight, grouped",
    (x, g) => dispatch(ops.convGradWeightOp, [x!, g!], { ...odd, kernelSize: [3, 2] }),
    [
      [2, 4, 9, 8],
      [2, 6, 4, 10],
    ],
  ],
  [
    "addcmul by channels",
    (x, shift, scale) => shift!.reshape([1, -1, 1, 1]).addcmul(x!, scale!.reshape([1, -1, 1, 1])),
    [[2, 3, 9, 8], [3], [3]],
  ],
  [
    "addcmul by rows and columns",
    (a, b, c) => a!.addcmul(b!, c!),
    [
      [5, 1],
      [4, 5, 20],
      [4, 1, 20],
    ],
  ],
  [
    "batchNorm by given statistics",
    (x, mean, variance, w) => tead.batchNorm(x!, mean!, variance!.square(), { weight: w }),
    [[2, 3, 9, 8], [3], [3], [3]],
  ],
  [
    "groupNorm of planes",
    (x, w, b) => tead.groupNorm(x!, 2, { weight: w, bias: b }),
    [[3, 6, 9, 8], [6], [6]],
  ],
  ["maxPool", (x) => dispatch(ops.maxPoolOp, [x!], max), [[2, 3, 9, 8]]],
  ["maxPool of three dims", (x) => tead.maxPool3d(x!, 2, { stride: 1 }), [[2, 3, 3, 4, 4]]],
  [
    "avgPool",
    (x) => dispatch(ops.avgPoolOp, [x!], { ...average, countIncludePad: true }),
    [[2, 3, 9, 8]],
  ],
  [
    "avgPool, padding left out",
    (x) => dispatch(ops.avgPoolOp, [x!], { ...average, countIncludePad: false }),
    [[2, 3, 9, 8]],
  ],
  [
    "avgPoolGrad",
    (g) =>
      dispatch(ops.avgPoolGradOp, [g!], { ...average, countIncludePad: false, inputSize: [9, 8] }),
    [[2, 3, 5, 5]],
  ],
  ["adaptiveAvgPool", (x) => tead.adaptiveAvgPool2d(x!, [4, 3]), [[2, 3, 9, 8]]],
  [
    "batchNorm",
    (x, w, b) => dispatch(ops.batchNormOp, [x!, w, b], { eps: 1e-3 }),
    [[3, 4, 5, 6], [4], [4]],
  ],
  [
    "batchNormGrad",
    (g, x, w, m) => dispatch(ops.batchNormGradOp, [g!, x!, w, m!, m!.abs()], { eps: 0.5 }),
    [[3, 4, 5], [3, 4, 5], [4], [4]],
  ],
  [
    "layerNorm",
    (x, w, b) => dispatch(ops.layerNormOp, [x!, w, b], { dims: 1, eps: 1e-3 }),
    [[3, 4, 5], [5], [5]],
  ],
  [
    "groupNorm",
    (x, w, b) => dispatch(ops.groupNormOp, [x!, w, b], { groups: 2, eps: 1e-3 }),
    [[3, 4, 5], [4], [4]],
  ],
  ["gelu", (x) => tead.gelu(x!), [[3, 7]]],
  [
    "reluGrad",
    (g, y) => dispatch(ops.reluGradOp, [g!, y!], {}),
    [
      [3, 7],
      [3, 7],
    ],
  ],
  [
    "tanhGrad",
    (g, y) => dispatch(ops.tanhGradOp, [g!, y!], {}),
    [
      [3, 7],
      [3, 7],
    ],
  ],
  [
    "sigmoidGrad",
    (g, y) => dispatch(ops.sigmoidGradOp, [g!, y!], {}),
    [
      [3, 7],
      [3, 7],
    ],
  ],
  ["linear", (x, w, b) => dispatch(ops.linearOp, [x!, w!, b], {}), [[4, 3, 20], [17, 20], [17]]],
  [
    "matmul",
    (a, b) => a!.matmul(b!),
    [
      [2, 33, 70],
      [2, 70, 19],
    ],
  ],
  [
    "matmul of a batch with one matrix",
    (a, b) => a!.matmul(b!.expand([3, 70, 19])),
    [
      [3, 5, 70],
      [1, 70, 19],
    ],
  ],
];

const listOf = (result: Tensor | readonly Tensor[]): readonly Tensor[] =>
  result instanceof tead.Tensor ? [result] : result;

describe.each(Object.entries(layouts))("operands %s", (_, layout) => {
  test.each(cases)("%s", (_name, run, shapes) => {
    const inputs = (dtype: DType): Tensor[] =>
      shapes.map((shape, i) => layout(values(shape, dtype, i)));
    const singles = listOf(run(...inputs("float32")));
    const doubles = listOf(run(...inputs("float64")));
    singles.forEach((single, i) => {
      const double = doubles[i] as Tensor;
      expect(single.shape).toEqual(double.shape);
      const off = single.double().sub(double.double()).abs().amax().itemSync();
      expect(off).toBeLessThan(2e-5);
    });
  });
});

describe("odd operands", () => {
  const both = (
    run: Run,
    shapes: readonly (readonly number[])[],
    put: (t: Tensor) => void,
  ): void => {
    const [single, double] = (["float32", "float64"] as const).map((dtype) => {
      const inputs = shapes.map((shape, i) => values(shape, dtype, i));
      put(inputs[0] as Tensor);
      return listOf(run(...inputs)).map((t) => [...(t.dataSync() as Float32Array)]);
    }) as [number[][], number[][]];
    single.forEach((list, i) => {
      const kinds = (numbers: readonly number[]): string[] =>
        numbers.map((n) => (Number.isFinite(n) ? "finite" : String(n)));
      expect(kinds(list)).toEqual(kinds(double[i] as number[]));
    });
  };
  test.each(cases.filter(([name]) => !name.includes("Grad")))(
    "%s carries NaN and infinities alike",
    (name, run, shapes) => {
      const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const value of special)
        both(run, shapes, (t) => {
          t.reshape([-1]).narrow(0, 3, 1).fill_(value);
        });
      expect(name).not.toBe("");
    },
  );
  test.each(["float32", "float64"] as const)(
    "a batch of none gives an empty result in %s",
    (dtype) => {
      const x = tead.zeros([0, 3, 9, 8], { dtype });
      const w = tead.ones([5, 3, 3, 3], { dtype });
      expect(tead.conv2d(x, w).shape).toEqual([0, 5, 7, 6]);
      expect(tead.maxPool2d(x, 2).shape).toEqual([0, 3, 4, 4]);
      const g = tead.zeros([0, 5, 7, 6], { dtype });
      const none = { ...plain, padding: [0, 0], kernelSize: [3, 3] };
      const gradient = dispatch(ops.convGradWeightOp, [x, g], none);
      expect(gradient.abs().amax().itemSync()).toBe(0);
    },
  );
});
