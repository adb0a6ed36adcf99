// Pooling over 1, 2 or 3 spatial dims: maxima with their positions, and averages. What a window
// covers is said by one list of input positions a dim, so that plain and adaptive pooling share
// their rules.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, type OperandSpec, type TensorSpec } from "../op.ts";
import { formatShape, numelOf, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  type AdaptivePoolAttrs,
  type AvgPoolAttrs,
  adaptivePoolWindows,
  avgPoolWindows,
  type MaxPoolAttrs,
  maxPoolWindows,
  type PoolAttrs,
  pooledSizes,
} from "./pool-windows.ts";
import { average, largest, spread } from "./pooling.ts";
import { requireFloat } from "./rules.ts";
import { checkSizes } from "./windows.ts";

/** The spatial sizes of what was pooled. */
interface InputSize {
  readonly inputSize: Shape;
}
type OneInput = readonly ["input"];
type ValuesAndIndices = readonly ["output", "indices"];

function checkInput(op: string, input: OperandSpec, rank: number): void {
  requireFloat(input, "Input", op);
  if (input.shape.length !== rank + 2)
    throw new ShapeError(
      `Input has the wrong rank: expected ${rank + 2} dims, received ${input.shape.length}`,
      { op },
    );
  if (input.shape.slice(1).includes(0))
    throw new ShapeError(
      `Input is empty: expected no size of 0 but the batch, received ${formatShape(input.shape)}`,
      { op },
    );
}

function pooledShape(
  op: string,
  input: OperandSpec,
  attrs: PoolAttrs & { readonly dilation?: readonly number[] },
): number[] {
  const { kernelSize, stride, padding, dilation = stride.map(() => 1) } = attrs;
  const rank = kernelSize.length;
  checkSizes(op, "kernelSize", kernelSize, rank, 1);
  checkSizes(op, "stride", stride, rank, 1);
  checkSizes(op, "padding", padding, rank, 0);
  checkSizes(op, "dilation", dilation, rank, 1);
  padding.forEach((p, i) => {
    if (p > (kernelSize[i] as number) / 2)
      throw new RangeError(
        `${op}: Option padding is not valid: expected at most half of kernelSize, received ${p} ` +
          `with kernelSize ${kernelSize[i]}`,
      );
  });
  checkInput(op, input, rank);
  const sizes = pooledSizes(input.shape.slice(2), attrs);
  if (sizes.some((size) => size < 1))
    throw new ShapeError(
      `Window does not fit: expected an output of at least 1, received ${formatShape(sizes)} ` +
        `with kernelSize ${formatShape(kernelSize)}`,
      { op },
    );
  return [...input.shape.slice(0, 2), ...sizes];
}

/**
 * y = the largest x of each window, and its flat position in the input's spatial dims; the first of
 * equals, the last NaN. dL/dx = g added at those positions
 */
export const maxPoolOp: Fusable<"maxPool", OneInput, MaxPoolAttrs, ValuesAndIndices> =
  defineFusable("maxPool", {
    inputs: ["input"],
    outputs: ["output", "indices"],
    saves: ["indices"],
    infer: ([input], attrs): [TensorSpec, TensorSpec] => {
      const shape = pooledShape(`maxPool${attrs.kernelSize.length}d`, input, attrs);
      return [
        { shape, dtype: input.dtype },
        { shape, dtype: "int32" },
      ];
    },
    gradient: ({ grads: [g], inputs: [input], indices }) => [
      g === undefined ? undefined : maxPoolGrad(g, indices, input.shape.slice(2)),
    ],
    decompose: ([x], attrs) => largest(x, maxPoolWindows(x.shape.slice(2), attrs)),
  });

/** y = the largest x of windows from floor(i n / m) to ceil((i + 1) n / m), and its position */
export const adaptiveMaxPoolOp: Fusable<
  "adaptiveMaxPool",
  OneInput,
  AdaptivePoolAttrs,
  ValuesAndIndices
> = defineFusable("adaptiveMaxPool", {
  inputs: ["input"],
  outputs: ["output", "indices"],
  saves: ["indices"],
  infer: ([input], { outputSize }): [TensorSpec, TensorSpec] => {
    const op = `adaptiveMaxPool${outputSize.length}d`;
    const shape = adaptiveShape(op, input, outputSize);
    return [
      { shape, dtype: input.dtype },
      { shape, dtype: "int32" },
    ];
  },
  gradient: ({ grads: [g], inputs: [input], indices }) => [
    g === undefined ? undefined : maxPoolGrad(g, indices, input.shape.slice(2)),
  ],
  decompose: ([x], { outputSize }) =>
    largest(x, adaptivePoolWindows(x.shape.slice(2), { outputSize })),
});

function adaptiveShape(op: string, input: OperandSpec, outputSize: Shape): number[] {
  checkSizes(op, "outputSize", outputSize, outputSize.length, 0);
  checkInput(op, input, outputSize.length);
  return [...input.shape.slice(0, 2), ...outputSize];
}

function maxPoolGrad(g: Tensor, indices: Tensor, inputSize: Shape): Tensor {
  return dispatch(maxPoolGradOp, [g, indices], { inputSize });
}

/** dL/dx = g added where each maximum stood; its own gradient reads there */
export const maxPoolGradOp: Fusable<"maxPoolGrad", readonly ["grad", "indices"], InputSize> =
  defineFusable("maxPoolGrad", {
    inputs: ["grad", "indices"],
    saves: ["indices"],
    infer: ([grad], { inputSize }): [TensorSpec] => [
      { shape: [...grad.shape.slice(0, 2), ...inputSize], dtype: grad.dtype },
    ],
    gradient: ({ grads: [g], indices }) => [
      g.flatten(2).gather(2, indices.flatten(2)).reshape(indices.shape),
      undefined,
    ],
    decompose: ([g, indices], { inputSize }) => {
      const shape = [...g.shape.slice(0, 2), ...inputSize];
      const flat = g.newZeros([...g.shape.slice(0, 2), numelOf(inputSize)]);
      return [flat.scatterAdd(2, indices.flatten(2), g.flatten(2)).view(shape)];
    },
  });

/** y = the sum of each window over its divisor (its size, unless said); linear in x */
export const avgPoolOp: Fusable<"avgPool", OneInput, AvgPoolAttrs> = defineFusable("avgPool", {
  inputs: ["input"],
  infer: ([input], attrs): [TensorSpec] => {
    const op = `avgPool${attrs.kernelSize.length}d`;
    const { divisorOverride } = attrs;
    if (divisorOverride === 0 || (divisorOverride ?? 1) % 1 !== 0)
      throw new RangeError(
        `${op}: Option divisorOverride is not valid: expected an integer other than 0, ` +
          `received ${divisorOverride}`,
      );
    return [{ shape: pooledShape(op, input, attrs), dtype: input.dtype }];
  },
  gradient: ({ grads: [g], inputs: [input], attrs }) => [
    dispatch(avgPoolGradOp, [g], { ...attrs, inputSize: input.shape.slice(2) }),
  ],
  decompose: ([x], attrs) => [
    average(x, avgPoolWindows(x.shape.slice(2), attrs), attrs.divisorOverride),
  ],
});

/** dL/dx = g over its divisor, added to every element of its window; linear in g */
export const avgPoolGradOp: Fusable<"avgPoolGrad", readonly ["grad"], AvgPoolAttrs & InputSize> =
  defineFusable("avgPoolGrad", {
    inputs: ["grad"],
    infer: ([grad], { inputSize }): [TensorSpec] => [
      { shape: [...grad.shape.slice(0, 2), ...inputSize], dtype: grad.dtype },
    ],
    gradient: ({ grads: [g], attrs: { inputSize: _, ...attrs } }) => [
      dispatch(avgPoolOp, [g], attrs),
    ],
    decompose: ([g], { inputSize, ...attrs }) => [
      spread(g, inputSize, avgPoolWindows(inputSize, attrs), attrs.divisorOverride),
    ],
  });

/** y = the mean of windows from floor(i n / m) to ceil((i + 1) n / m); linear in x */
export const adaptiveAvgPoolOp: Fusable<"adaptiveAvgPool", OneInput, AdaptivePoolAttrs> =
  defineFusable("adaptiveAvgPool", {
    inputs: ["input"],
    infer: ([input], { outputSize }): [TensorSpec] => [
      {
        shape: adaptiveShape(`adaptiveAvgPool${outputSize.length}d`, input, outputSize),
        dtype: input.dtype,
      },
    ],
    gradient: ({ grads: [g], inputs: [input], attrs }) => [
      dispatch(adaptiveAvgPoolGradOp, [g], { ...attrs, inputSize: input.shape.slice(2) }),
    ],
    decompose: ([x], attrs) => [average(x, adaptivePoolWindows(x.shape.slice(2), attrs))],
  });

/** dL/dx = g over its window's size, added to every element of the window; linear in g */
export const adaptiveAvgPoolGradOp: Fusable<
  "adaptiveAvgPoolGrad",
  readonly ["grad"],
  AdaptivePoolAttrs & InputSize
> = defineFusable("adaptiveAvgPoolGrad", {
  inputs: ["grad"],
  infer: ([grad], { inputSize }): [TensorSpec] => [
    { shape: [...grad.shape.slice(0, 2), ...inputSize], dtype: grad.dtype },
  ],
  gradient: ({ grads: [g], attrs: { outputSize } }) => [
    dispatch(adaptiveAvgPoolOp, [g], { outputSize }),
  ],
  decompose: ([g], { inputSize, outputSize }) => [
    spread(g, inputSize, adaptivePoolWindows(inputSize, { outputSize })),
  ],
});
