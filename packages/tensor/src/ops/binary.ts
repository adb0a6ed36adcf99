// Elementwise arithmetic of two operands, addcmul, where and clamp. The tape sums a gradient to its operand's
// shape and dtype, so the formulas need not.

import { resultType } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  nonDifferentiable,
  type Operand,
  type OperandSpec,
  type Primitive,
  type TensorSpec,
} from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastSpec,
  floatBroadcastSpec,
  type NoAttrs,
  refuseBool,
  requireIntegers,
} from "./rules.ts";

type Two = readonly ["input", "other"];
type Binary<N extends string> = Primitive<N, Two, NoAttrs>;
type FusedBinary<N extends string> = Fusable<N, Two, NoAttrs>;
const two = ["input", "other"] as const;

/** y = a + b */
export const addOp: Binary<"add"> = definePrimitive("add", {
  inputs: two,
  elementwise: true,
  infer: broadcastSpec,
  gradient: ({ grads: [g] }) => [g, g],
});

/** y = a - b */
export const subOp: Binary<"sub"> = definePrimitive("sub", {
  inputs: two,
  elementwise: true,
  infer: (inputs) => {
    refuseBool(inputs, "use logicalXor() for bools");
    return broadcastSpec(inputs);
  },
  gradient: ({ grads: [g], needs }) => [g, needs[1] ? g.neg() : undefined],
});

/** y = a * b; dL/da = g * b */
export const mulOp: Binary<"mul"> = definePrimitive("mul", {
  inputs: two,
  saves: two,
  savedFor: { input: ["other"], other: ["input"] },
  elementwise: true,
  infer: broadcastSpec,
  gradient: ({ grads: [g], needs, input, other }) => [
    needs[0] ? g.mul(other) : undefined,
    needs[1] ? g.mul(input) : undefined,
  ],
});

/** y = a / b; dL/da = g / b, dL/db = -g * (a / b) / b */
export const divOp: Binary<"div"> = definePrimitive("div", {
  inputs: two,
  saves: two,
  savedFor: { input: ["other"] },
  elementwise: true,
  infer: floatBroadcastSpec,
  gradient: ({ grads: [g], needs, input, other }) => [
    needs[0] ? g.div(other) : undefined,
    needs[1] ? g.mul(input).div(other).div(other).neg() : undefined,
  ],
});

/** y = a^b; dL/da = g * b * a^(b-1), dL/db = g * y * ln a, both 0 where the power is constant there */
export const powOp: Binary<"pow"> = definePrimitive("pow", {
  inputs: two,
  saves: ["input", "other", "output"],
  elementwise: true,
  infer: (inputs) => {
    const [spec] = broadcastSpec(inputs);
    return [spec];
  },
  gradient: ({ grads: [g], needs, input: a, other: b, output: y }) => [
    needs[0] ? powBaseGradient(g, a, b) : undefined,
    // At a = 0 the slope in b is 0 for b >= 0, not 0 * -Infinity.
    needs[1] ? g.mul(y.eq(0).where(0, y.mul(ofNumber(g, a).log()))) : undefined,
  ],
});

function powBaseGradient(g: Tensor, a: Operand, b: Operand): Tensor {
  if (typeof b !== "object") {
    if (Number(b) === 0) return g.zerosLike();
    return g.mul((a as Tensor).pow(Number(b) - 1)).mul(b);
  }
  const slope = b.mul(ofNumber(g, a).pow(b.sub(1)));
  return b.eq(0).where(0, g.mul(slope));
}

function ofNumber(like: Tensor, x: Operand): Tensor {
  return typeof x === "object" ? x : like.newFull([], Number(x));
}

/** y = atan2(a, b), the angle of (b, a); dL/da = g * b / (a^2 + b^2) */
export const atan2Op: Binary<"atan2"> = definePrimitive("atan2", {
  inputs: two,
  saves: two,
  elementwise: true,
  infer: floatBroadcastSpec,
  gradient: ({ grads: [g], needs, input, other }) => {
    const a = ofNumber(g, input);
    const b = ofNumber(g, other);
    const r = g.div(a.mul(a).add(b.mul(b)));
    return [needs[0] ? r.mul(b) : undefined, needs[1] ? r.mul(a).neg() : undefined];
  },
});

const extremum = <const N extends "maximum" | "minimum">(name: N): Binary<N> =>
  definePrimitive(name, {
    inputs: two,
    saves: two,
    elementwise: true,
    infer: broadcastSpec,
    // Ties share the gradient evenly, as in PyTorch.
    gradient: ({ grads: [g], needs, input, other }) => {
      const a = ofNumber(g, input);
      const half = a.eq(other).where(g.div(2), g);
      const lost = name === "maximum" ? a.lt(other) : a.gt(other);
      const won = name === "maximum" ? a.gt(other) : a.lt(other);
      return [
        needs[0] ? lost.where(0, half) : undefined,
        needs[1] ? won.where(0, half) : undefined,
      ];
    },
  });
/** y = the larger one; NaN wins */
export const maximumOp: Binary<"maximum"> = extremum("maximum");
/** y = the smaller one; NaN wins */
export const minimumOp: Binary<"minimum"> = extremum("minimum");

/** y = a - b * floor(a / b), of b's sign; dL/da = g, dL/db = -g * floor(a / b) */
export const remainderOp: Binary<"remainder"> = definePrimitive("remainder", {
  inputs: two,
  saves: two,
  elementwise: true,
  infer: broadcastSpec,
  gradient: ({ grads: [g], needs, input, other }) => [
    g,
    needs[1] ? g.mul(ofNumber(g, input).floorDivide(other)).neg() : undefined,
  ],
});

/** y = floor(a / b) */
export const floorDivideOp: Binary<"floorDivide"> = definePrimitive("floorDivide", {
  inputs: two,
  elementwise: true,
  infer: broadcastSpec,
  gradient: nonDifferentiable,
});

const bitwise = <const N extends string>(name: N): Binary<N> =>
  definePrimitive(name, {
    inputs: two,
    elementwise: true,
    infer: (inputs) => {
      requireIntegers(inputs);
      return broadcastSpec(inputs);
    },
    gradient: nonDifferentiable,
  });
/** y = a & b */
export const bitwiseAndOp: Binary<"bitwiseAnd"> = bitwise("bitwiseAnd");
/** y = a | b */
export const bitwiseOrOp: Binary<"bitwiseOr"> = bitwise("bitwiseOr");
/** y = a ^ b */
export const bitwiseXorOp: Binary<"bitwiseXor"> = bitwise("bitwiseXor");

/** y = a - b * trunc(a / b), of a's sign; dL/db = -g * trunc(a / b) */
export const fmodOp: FusedBinary<"fmod"> = defineFusable("fmod", {
  inputs: two,
  saves: two,
  elementwise: true,
  infer: broadcastSpec,
  gradient: ({ grads: [g], needs, input, other }) => [
    g,
    needs[1] ? g.mul(ofNumber(g, input).div(other).trunc()).neg() : undefined,
  ],
  decompose: ([a, b]) => [a.abs().remainder(b.abs()).mul(a.sign())],
});

type WhereInputs = readonly ["condition", "input", "other"];
/** y = condition ? a : b */
export const whereOp: Primitive<"where", WhereInputs, NoAttrs> = definePrimitive("where", {
  inputs: ["condition", "input", "other"],
  saves: ["condition"],
  elementwise: true,
  unpromoted: ["condition"],
  infer: ([condition, input, other]): [TensorSpec] => {
    if (condition.dtype !== "bool")
      throw new DTypeError(`Condition is not bool: expected bool, received ${condition.dtype}`, {
        hint: "compare first, as in x.gt(0)",
      });
    const values: readonly OperandSpec[] = [input, other];
    const shape = broadcastShapes(condition.shape, input.shape, other.shape);
    return [{ shape, dtype: resultType(values) }];
  },
  gradient: ({ grads: [g], needs, condition }) => [
    undefined,
    needs[1] ? condition.where(g, 0) : undefined,
    needs[2] ? condition.where(0, g) : undefined,
  ],
});

type AddcmulInputs = readonly ["input", "factor", "other"];
/** y = a + b * c in one pass; dL/da = g, dL/db = g * c, dL/dc = g * b */
export const addcmulOp: Fusable<"addcmul", AddcmulInputs, NoAttrs> = defineFusable("addcmul", {
  inputs: ["input", "factor", "other"],
  saves: ["factor", "other"],
  savedFor: { factor: ["other"], other: ["factor"] },
  elementwise: true,
  infer: broadcastSpec,
  gradient: ({ grads: [g], needs, factor, other }) => [
    g,
    needs[1] ? g.mul(other) : undefined,
    needs[2] ? g.mul(factor) : undefined,
  ],
  decompose: ([a, b, c]) => [b.mul(c).add(a)],
});

type ClampInputs = readonly ["input", "min?", "max?"];
/** y = min(max(x, low), high); dL/dx = g where x is within, limits included */
export const clampOp: Fusable<"clamp", ClampInputs, NoAttrs> = defineFusable("clamp", {
  inputs: ["input", "min?", "max?"],
  saves: ["input", "min", "max"],
  elementwise: true,
  infer: ([input, min, max]) =>
    broadcastSpec([input, min, max].filter((spec) => spec !== undefined)),
  gradient: ({ grads: [g], needs, input: x, min, max }) => {
    const above = min === undefined ? undefined : x.ge(min);
    const below = max === undefined ? undefined : x.le(max);
    const within =
      above !== undefined && below !== undefined ? above.logicalAnd(below) : (above ?? below);
    const inOrder = min !== undefined && max !== undefined ? ofNumber(g, min).lt(max) : undefined;
    const under = above?.logicalNot();
    return [
      within?.where(g, 0),
      needs[1]
        ? (inOrder === undefined ? under : under?.logicalAnd(inOrder))?.where(g, 0)
        : undefined,
      needs[2]
        ? below
            ?.logicalNot()
            .logicalOr(inOrder === undefined ? false : inOrder.logicalNot())
            .where(g, 0)
        : undefined,
    ];
  },
  decompose: ([x, min, max]) => {
    const raised = min === undefined ? x : x.maximum(min);
    return [max === undefined ? raised : raised.minimum(max)];
  },
});
