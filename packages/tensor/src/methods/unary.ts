// Elementwise methods of one operand, each with its in-place form.
import { dispatch, dispatchInto } from "../dispatch.ts";
import type { Op } from "../op.ts";
import type { NoAttrs } from "../ops/rules.ts";
import * as ops from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import { ConvertMethods } from "./convert.ts";

type Unary = Op<string, readonly ["input"], NoAttrs, readonly ["output"]>;
const none: NoAttrs = {};

/** An option of `round()`: digits kept after the point; before it where negative. */
export interface RoundOptions {
  readonly decimals?: number;
}

export abstract class UnaryMethods extends ConvertMethods {
  /** Runs a unary op. @internal */
  protected runUnary(op: Unary): Tensor {
    return dispatch(op, [this.self()], none);
  }
  /** Runs a unary op in place. @internal */
  protected runUnaryInPlace(op: Unary): this {
    dispatchInto(op, [this.self()], none, this.self());
    return this;
  }

  /** y = -x, elementwise. @category Elementwise */
  neg(): Tensor {
    return this.runUnary(ops.negOp);
  }
  /** `neg()` in place. @category In-place */
  neg_(): this {
    return this.runUnaryInPlace(ops.negOp);
  }
  /** y = |x|, elementwise. @category Elementwise */
  abs(): Tensor {
    return this.runUnary(ops.absOp);
  }
  /** `abs()` in place. @category In-place */
  abs_(): this {
    return this.runUnaryInPlace(ops.absOp);
  }
  /** y = -1, 0 or 1 by the sign of x, elementwise. @category Elementwise */
  sign(): Tensor {
    return this.runUnary(ops.signOp);
  }
  /** `sign()` in place. @category In-place */
  sign_(): this {
    return this.runUnaryInPlace(ops.signOp);
  }
  /** y = e^x, elementwise. @category Elementwise */
  exp(): Tensor {
    return this.runUnary(ops.expOp);
  }
  /** `exp()` in place. @category In-place */
  exp_(): this {
    return this.runUnaryInPlace(ops.expOp);
  }
  /** y = e^x - 1, exact near 0, elementwise. @category Elementwise */
  expm1(): Tensor {
    return this.runUnary(ops.expm1Op);
  }
  /** `expm1()` in place. @category In-place */
  expm1_(): this {
    return this.runUnaryInPlace(ops.expm1Op);
  }
  /** y = ln x, elementwise. @category Elementwise */
  log(): Tensor {
    return this.runUnary(ops.logOp);
  }
  /** `log()` in place. @category In-place */
  log_(): this {
    return this.runUnaryInPlace(ops.logOp);
  }
  /** y = ln(1 + x), exact near 0, elementwise. @category Elementwise */
  log1p(): Tensor {
    return this.runUnary(ops.log1pOp);
  }
  /** `log1p()` in place. @category In-place */
  log1p_(): this {
    return this.runUnaryInPlace(ops.log1pOp);
  }
  /** y = the square root of x, elementwise. @category Elementwise */
  sqrt(): Tensor {
    return this.runUnary(ops.sqrtOp);
  }
  /** `sqrt()` in place. @category In-place */
  sqrt_(): this {
    return this.runUnaryInPlace(ops.sqrtOp);
  }
  /** y = erf x = 2 / sqrt(pi) * integral from 0 to x of e^(-t^2), elementwise. @category Elementwise */
  erf(): Tensor {
    return this.runUnary(ops.erfOp);
  }
  /** `erf()` in place. @category In-place */
  erf_(): this {
    return this.runUnaryInPlace(ops.erfOp);
  }
  /** y = the largest integer <= x, elementwise. @category Elementwise */
  floor(): Tensor {
    return this.runUnary(ops.floorOp);
  }
  /** `floor()` in place. @category In-place */
  floor_(): this {
    return this.runUnaryInPlace(ops.floorOp);
  }
  /** y = the smallest integer >= x, elementwise. @category Elementwise */
  ceil(): Tensor {
    return this.runUnary(ops.ceilOp);
  }
  /** `ceil()` in place. @category In-place */
  ceil_(): this {
    return this.runUnaryInPlace(ops.ceilOp);
  }
  /**
   * y = the nearest integer, halves to even, elementwise; or the nearest multiple of 10^-decimals.
   * @category Elementwise
   */
  round({ decimals = 0 }: RoundOptions = {}): Tensor {
    if (decimals === 0) return this.runUnary(ops.roundOp);
    // As in PyTorch: scaled by a power of ten, rounded, scaled back.
    const scale = 10 ** Math.abs(decimals);
    const x = this.self();
    if (decimals > 0) return x.mul(scale).round().div(scale);
    return x.div(scale).round().mul(scale);
  }
  /** `round()` in place. @category In-place */
  round_(): this {
    return this.runUnaryInPlace(ops.roundOp);
  }
  /** y = x without its fraction, elementwise. @category Elementwise */
  trunc(): Tensor {
    return this.runUnary(ops.truncOp);
  }
  /** `trunc()` in place. @category In-place */
  trunc_(): this {
    return this.runUnaryInPlace(ops.truncOp);
  }
  /** y = 1 / x, elementwise. @category Elementwise */
  reciprocal(): Tensor {
    return this.runUnary(ops.reciprocalOp);
  }
  /** `reciprocal()` in place. @category In-place */
  reciprocal_(): this {
    return this.runUnaryInPlace(ops.reciprocalOp);
  }
  /** y = 1 / sqrt(x), elementwise. @category Elementwise */
  rsqrt(): Tensor {
    return this.runUnary(ops.rsqrtOp);
  }
  /** `rsqrt()` in place. @category In-place */
  rsqrt_(): this {
    return this.runUnaryInPlace(ops.rsqrtOp);
  }
  /** y = x^2, elementwise. @category Elementwise */
  square(): Tensor {
    return this.runUnary(ops.squareOp);
  }
  /** `square()` in place. @category In-place */
  square_(): this {
    return this.runUnaryInPlace(ops.squareOp);
  }
  /** y = 1 / (1 + e^-x), elementwise. @category Elementwise */
  sigmoid(): Tensor {
    return this.runUnary(ops.sigmoidOp);
  }
  /** `sigmoid()` in place. @category In-place */
  sigmoid_(): this {
    return this.runUnaryInPlace(ops.sigmoidOp);
  }
  /** y = max(x, 0), elementwise. @category Elementwise */
  relu(): Tensor {
    return this.runUnary(ops.reluOp);
  }
  /** `relu()` in place. @category In-place */
  relu_(): this {
    return this.runUnaryInPlace(ops.reluOp);
  }
  /** y = log2 x, elementwise. @category Elementwise */
  log2(): Tensor {
    return this.runUnary(ops.log2Op);
  }
  /** `log2()` in place. @category In-place */
  log2_(): this {
    return this.runUnaryInPlace(ops.log2Op);
  }
  /** y = log10 x, elementwise. @category Elementwise */
  log10(): Tensor {
    return this.runUnary(ops.log10Op);
  }
  /** `log10()` in place. @category In-place */
  log10_(): this {
    return this.runUnaryInPlace(ops.log10Op);
  }
  /** y = 2^x, elementwise. @category Elementwise */
  exp2(): Tensor {
    return this.runUnary(ops.exp2Op);
  }
  /** `exp2()` in place. @category In-place */
  exp2_(): this {
    return this.runUnaryInPlace(ops.exp2Op);
  }
  /** y = 1 - erf x, elementwise. @category Elementwise */
  erfc(): Tensor {
    return this.runUnary(ops.erfcOp);
  }
  /** `erfc()` in place. @category In-place */
  erfc_(): this {
    return this.runUnaryInPlace(ops.erfcOp);
  }
  /** y = ~x, or not x for bool, elementwise. @category Elementwise */
  bitwiseNot(): Tensor {
    return this.runUnary(ops.bitwiseNotOp);
  }
  /** `bitwiseNot()` in place. @category In-place */
  bitwiseNot_(): this {
    return this.runUnaryInPlace(ops.bitwiseNotOp);
  }
  /** y = whether x is 0, as bool, elementwise. @category Elementwise */
  logicalNot(): Tensor {
    return this.runUnary(ops.logicalNotOp);
  }
  /** `logicalNot()` in place. @category In-place */
  logicalNot_(): this {
    return this.runUnaryInPlace(ops.logicalNotOp);
  }
  /** y = whether x is NaN, as bool, elementwise. @category Elementwise */
  isnan(): Tensor {
    return this.runUnary(ops.isnanOp);
  }
  /** y = whether x is infinite, as bool, elementwise. @category Elementwise */
  isinf(): Tensor {
    return this.runUnary(ops.isinfOp);
  }
  /** y = whether x is neither NaN nor infinite, as bool, elementwise. @category Elementwise */
  isfinite(): Tensor {
    return this.runUnary(ops.isfiniteOp);
  }
}
