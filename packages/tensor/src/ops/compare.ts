// Comparisons and logic: bool outputs, no gradients.
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  nonDifferentiable,
  type Primitive,
} from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { compareSpec, type NoAttrs } from "./rules.ts";

type Two = readonly ["input", "other"];
const two = ["input", "other"] as const;

const comparison = <const N extends string>(name: N): Primitive<N, Two, NoAttrs> =>
  definePrimitive(name, {
    inputs: two,
    elementwise: true,
    infer: compareSpec,
    gradient: nonDifferentiable,
  });

const derived = <const N extends string>(
  name: N,
  decompose: (a: Tensor, b: Tensor) => Tensor,
): Fusable<N, Two, NoAttrs> =>
  defineFusable(name, {
    inputs: two,
    elementwise: true,
    infer: compareSpec,
    gradient: nonDifferentiable,
    decompose: ([a, b]) => [decompose(a, b)],
  });

/** a = b */
export const eqOp: Primitive<"eq", Two, NoAttrs> = comparison("eq");
/** a < b */
export const ltOp: Primitive<"lt", Two, NoAttrs> = comparison("lt");
/** a <= b */
export const leOp: Primitive<"le", Two, NoAttrs> = comparison("le");
/** not a = b */
export const neOp: Fusable<"ne", Two, NoAttrs> = derived("ne", (a, b) => a.eq(b).logicalNot());
/** b < a */
export const gtOp: Fusable<"gt", Two, NoAttrs> = derived("gt", (a, b) => b.lt(a));
/** b <= a */
export const geOp: Fusable<"ge", Two, NoAttrs> = derived("ge", (a, b) => b.le(a));
/** a and b, each true unless 0 */
export const logicalAndOp: Fusable<"logicalAnd", Two, NoAttrs> = derived("logicalAnd", (a, b) =>
  a.ne(0).bitwiseAnd(b.ne(0)),
);
/** a or b */
export const logicalOrOp: Fusable<"logicalOr", Two, NoAttrs> = derived("logicalOr", (a, b) =>
  a.ne(0).bitwiseOr(b.ne(0)),
);
/** either, not both */
export const logicalXorOp: Fusable<"logicalXor", Two, NoAttrs> = derived("logicalXor", (a, b) =>
  a.ne(0).bitwiseXor(b.ne(0)),
);
