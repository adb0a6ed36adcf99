// Comparisons and logic: methods that give bool tensors.
import { dispatch } from "../dispatch.ts";
import type { Op, Operand } from "../op.ts";
import * as ops from "../ops/compare.ts";
import type { NoAttrs } from "../ops/rules.ts";
import type { Tensor } from "../tensor.ts";
import { BinaryMethods } from "./binary.ts";

type Comparison = Op<string, readonly ["input", "other"], NoAttrs, readonly ["output"]>;

/** How near counts as close. */
export interface CloseOptions {
  readonly rtol?: number;
  readonly atol?: number;
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean;
}

export abstract class CompareMethods extends BinaryMethods {
  #compare(op: Comparison, other: Operand): Tensor {
    return dispatch(op, [this.self(), other], {});
  }

  /** Whether a = b, elementwise. @category Comparison */
  eq(other: Operand): Tensor {
    return this.#compare(ops.eqOp, other);
  }
  /** Whether a differs from b, elementwise. @category Comparison */
  ne(other: Operand): Tensor {
    return this.#compare(ops.neOp, other);
  }
  /** Whether a < b, elementwise. @category Comparison */
  lt(other: Operand): Tensor {
    return this.#compare(ops.ltOp, other);
  }
  /** Whether a <= b, elementwise. @category Comparison */
  le(other: Operand): Tensor {
    return this.#compare(ops.leOp, other);
  }
  /** Whether a > b, elementwise. @category Comparison */
  gt(other: Operand): Tensor {
    return this.#compare(ops.gtOp, other);
  }
  /** Whether a >= b, elementwise. @category Comparison */
  ge(other: Operand): Tensor {
    return this.#compare(ops.geOp, other);
  }
  /** Whether a and b, each true unless 0, elementwise. @category Comparison */
  logicalAnd(other: Operand): Tensor {
    return this.#compare(ops.logicalAndOp, other);
  }
  /** Whether a or b, each true unless 0, elementwise. @category Comparison */
  logicalOr(other: Operand): Tensor {
    return this.#compare(ops.logicalOrOp, other);
  }
  /** Whether either a or b, each true unless 0, elementwise. @category Comparison */
  logicalXor(other: Operand): Tensor {
    return this.#compare(ops.logicalXorOp, other);
  }
  /** Whether |a - b| <= atol + rtol * |b|, elementwise. @category Comparison */
  isclose(
    other: Tensor,
    { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {},
  ): Tensor {
    const self = this.self();
    const near = self
      .sub(other)
      .abs()
      .le(other.abs().mul(rtol).add(atol))
      .logicalAnd(other.isfinite());
    const close = self.eq(other).logicalOr(near);
    return equalNan ? close.logicalOr(self.isnan().logicalAnd(other.isnan())) : close;
  }
}
