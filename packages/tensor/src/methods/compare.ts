// Comparisons and logic: methods that give bool tensors.
import { dispatch, dispatchInto } from "../dispatch.ts";
import { isFloat } from "../dtype.ts";
import type { Op, Operand } from "../op.ts";
import * as ops from "../ops/compare.ts";
import type { NoAttrs } from "../ops/rules.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { TernaryMethods } from "./ternary.ts";

type Comparison = Op<string, readonly ["input", "other"], NoAttrs, readonly ["output"]>;

/** How near counts as close. */
export interface CloseOptions {
  readonly rtol?: number;
  readonly atol?: number;
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean;
}

export abstract class CompareMethods extends TernaryMethods {
  private runCompare(op: Comparison, other: Operand): Tensor {
    return dispatch(op, [this.self(), other], {});
  }

  /** Writes the bools into this tensor, as numbers where its dtype is not bool. */
  private runCompareInPlace(op: Comparison, other: Operand): this {
    dispatchInto(op, [this.self(), other], {}, this.self());
    return this;
  }

  /** Whether a = b, elementwise. @category Comparison */
  eq(other: Operand): Tensor {
    return this.runCompare(ops.eqOp, other);
  }
  /** Whether a differs from b, elementwise. @category Comparison */
  ne(other: Operand): Tensor {
    return this.runCompare(ops.neOp, other);
  }
  /** Whether a < b, elementwise. @category Comparison */
  lt(other: Operand): Tensor {
    return this.runCompare(ops.ltOp, other);
  }
  /** Whether a <= b, elementwise. @category Comparison */
  le(other: Operand): Tensor {
    return this.runCompare(ops.leOp, other);
  }
  /** Whether a > b, elementwise. @category Comparison */
  gt(other: Operand): Tensor {
    return this.runCompare(ops.gtOp, other);
  }
  /** Whether a >= b, elementwise. @category Comparison */
  ge(other: Operand): Tensor {
    return this.runCompare(ops.geOp, other);
  }
  /** Whether a and b, each true unless 0, elementwise. @category Comparison */
  logicalAnd(other: Operand): Tensor {
    return this.runCompare(ops.logicalAndOp, other);
  }
  /** Whether a or b, each true unless 0, elementwise. @category Comparison */
  logicalOr(other: Operand): Tensor {
    return this.runCompare(ops.logicalOrOp, other);
  }
  /** Whether either a or b, each true unless 0, elementwise. @category Comparison */
  logicalXor(other: Operand): Tensor {
    return this.runCompare(ops.logicalXorOp, other);
  }
  /** `logicalAnd()` in place. @category In-place */
  logicalAnd_(other: Operand): this {
    return this.runCompareInPlace(ops.logicalAndOp, other);
  }
  /** `logicalOr()` in place. @category In-place */
  logicalOr_(other: Operand): this {
    return this.runCompareInPlace(ops.logicalOrOp, other);
  }
  /** `logicalXor()` in place. @category In-place */
  logicalXor_(other: Operand): this {
    return this.runCompareInPlace(ops.logicalXorOp, other);
  }
  /**
   * Whether |a - b| <= atol + rtol * |b|, elementwise; equal infinities are close.
   *
   * @param options - `rtol` 1e-5, `atol` 1e-8 and `equalNan` false unless said
   * @see https://pytorch.org/docs/stable/generated/torch.isclose.html
   * @category Comparison
   */
  isclose(
    other: Tensor,
    { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {},
  ): Tensor {
    if (!isFloat(this.dtype) && !isFloat(other.dtype))
      return this.double().isclose(other.double(), { rtol, atol, equalNan });
    const self = this.self();
    const near = self
      .sub(other)
      .abs()
      .le(other.abs().mul(rtol).add(atol))
      .logicalAnd(other.isfinite());
    const close = self.eq(other).logicalOr(near);
    return equalNan ? close.logicalOr(self.isnan().logicalAnd(other.isnan())) : close;
  }
  /** Whether both have the same shape and the same elements; NaN equals nothing. @category Comparison */
  async equal(other: Tensor): Promise<boolean> {
    if (!sameShape(this.shape, other.shape)) return false;
    return (await this.eq(other).all().item()) as boolean;
  }
  /** `equal()` at once, where the device can be read at once. @category Comparison */
  equalSync(other: Tensor): boolean {
    return sameShape(this.shape, other.shape) && (this.eq(other).all().itemSync() as boolean);
  }
  /** Whether all elements are close, as `isclose()` says. @category Comparison */
  async allclose(other: Tensor, options?: CloseOptions): Promise<boolean> {
    return (await this.isclose(other, options).all().item()) as boolean;
  }
  /** `allclose()` at once, where the device can be read at once. @category Comparison */
  allcloseSync(other: Tensor, options?: CloseOptions): boolean {
    return this.isclose(other, options).all().itemSync() as boolean;
  }
}
