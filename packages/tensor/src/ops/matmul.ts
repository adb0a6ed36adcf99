// Matrix products. matmul()'s shapes beyond matrices are arranged in the method.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  type Primitive,
  type TensorSpec,
  throughDecomposition,
} from "../op.ts";
import { broadcastShapes, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type NoAttrs, requireSameDType } from "./rules.ts";

/** y[..., i, j] = sum over k of a[..., i, k] * b[..., k, j]; dL/da = g b^T, dL/db = a^T g */
export const matmulOp: Primitive<"matmul", readonly ["input", "other"], NoAttrs> = definePrimitive(
  "matmul",
  {
    inputs: ["input", "other"],
    saves: ["input", "other"],
    infer: ([a, b]): [TensorSpec] => {
      requireSameDType([a, b]);
      const m = a.shape.at(-2) as number;
      const k = a.shape.at(-1) as number;
      const k2 = b.shape.at(-2) as number;
      const n = b.shape.at(-1) as number;
      if (k !== k2)
        throw new ShapeError(
          `Cannot multiply ${formatShape(a.shape)} by ${formatShape(b.shape)}: expected other to ` +
            `have ${k} rows (dim -2), received ${k2}`,
        );
      if (a.shape.length === 2 && b.shape.length === 2) return [{ shape: [m, n], dtype: a.dtype }];
      const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
      return [{ shape: [...batch, m, n], dtype: a.dtype }];
    },
    gradient: ({ grads: [g], needs, inputs, input: a, other: b }) => [
      needs[0] ? g.matmul(b.transpose(-2, -1)).sumToSize(inputs[0].shape) : undefined,
      needs[1] ? a.transpose(-2, -1).matmul(g).sumToSize(inputs[1].shape) : undefined,
    ],
  },
);

type WeightGradOutputs = readonly ["weight", "bias"];

/** dL/dW = g^T x, dL/db = sum of g over rows; g and x are matrices of as many rows */
export const linearGradWeightOp: Fusable<
  "linearGradWeight",
  readonly ["grad", "input"],
  NoAttrs,
  WeightGradOutputs
> = defineFusable("linearGradWeight", {
  inputs: ["grad", "input"],
  outputs: ["weight", "bias"],
  infer: ([g, x]): [TensorSpec, TensorSpec] => {
    requireSameDType([g, x]);
    const [rows, out] = g.shape;
    if (g.shape.length !== 2 || x.shape.length !== 2 || x.shape[0] !== rows)
      throw new ShapeError(
        `Gradient does not fit: expected two matrices of as many rows, ` +
          `received ${formatShape(g.shape)} and ${formatShape(x.shape)}`,
      );
    const { dtype } = g;
    return [
      { shape: [out as number, x.shape[1] as number], dtype },
      { shape: [out as number], dtype },
    ];
  },
  gradient: throughDecomposition,
  decompose: ([g, x]) => [g.t().matmul(x), g.sum(0)],
});

/** [..., n] as [rows, n] */
const asMatrix = (x: Tensor, n: number): Tensor => (x.shape.length === 2 ? x : x.reshape([-1, n]));

/** y = x W^T + b; dL/dx = g W, dL/dW = g^T x, dL/db = sum of g over rows */
export const linearOp: Fusable<"linear", readonly ["input", "weight", "bias?"], NoAttrs> =
  defineFusable("linear", {
    inputs: ["input", "weight", "bias?"],
    saves: ["input", "weight"],
    infer: ([x, weight, bias]): [TensorSpec] => {
      requireSameDType([x, weight, bias]);
      const [out, features] = weight.shape;
      const received = x.shape.at(-1);
      if (weight.shape.length !== 2 || received !== features || out === undefined)
        throw new ShapeError(
          `Cannot multiply input with weight: expected ${features} features in input's last dim ` +
            `(weight.shape[1]), received ${received}`,
        );
      if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== out))
        throw new ShapeError(
          `Bias does not fit: expected shape [${out}], received ${formatShape(bias.shape)}`,
        );
      const isMatrix = x.shape.length === 2;
      const shape = isMatrix ? [x.shape[0] as number, out] : x.shape.with(-1, out);
      return [{ shape, dtype: x.dtype }];
    },
    gradient: ({ grads: [g], needs, inputs, input: x, weight }) => {
      const rows = asMatrix(g, weight.shape[0] as number);
      const columns = (): Tensor => asMatrix(x, weight.shape[1] as number);
      const dx = needs[0] ? rows.matmul(weight).reshape(inputs[0].shape) : undefined;
      if (needs[1] && needs[2]) return [dx, ...dispatch(linearGradWeightOp, [rows, columns()], {})];
      return [
        dx,
        needs[1] ? rows.t().matmul(columns()) : undefined,
        needs[2] ? rows.sum(0) : undefined,
      ];
    },
    decompose: ([x, weight, bias]) => {
      const y = x.matmul(weight.t());
      return [bias === undefined ? y : y.add(bias)];
    },
  });
