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
  #unary(op: Unary): Tensor {
    return dispatch(op, [this.self()], none);
  }
  #unary_(op: Unary): this {
    dispatchInto(op, [this.self()], none, this.self());
    return this;
  }

  /** y = -x, elementwise. @category Elementwise */
  neg(): Tensor {
    return this.#unary(ops.negOp);
  }
  /** `neg()` in place. @category In-place */
  neg_(): this {
    return this.#unary_(ops.negOp);
  }
  /** y = |x|, elementwise. @category Elementwise */
  abs(): Tensor {
    return this.#unary(ops.absOp);
  }
  /** `abs()` in place. @category In-place */
  abs_(): this {
    return this.#unary_(ops.absOp);
  }
  /** y = -1, 0 or 1 by the sign of x, elementwise. @category Elementwise */
  sign(): Tensor {
    return this.#unary(ops.signOp);
  }
  /** `sign()` in place. @category In-place */
  sign_(): this {
    return this.#unary_(ops.signOp);
  }
  /** y = e^x, elementwise. @category Elementwise */
  exp(): Tensor {
    return this.#unary(ops.expOp);
  }
  /** `exp()` in place. @category In-place */
  exp_(): this {
    return this.#unary_(ops.expOp);
  }
  /** y = e^x - 1, exact near 0, elementwise. @category Elementwise */
  expm1(): Tensor {
    return this.#unary(ops.expm1Op);
  }
  /** `expm1()` in place. @category In-place */
  expm1_(): this {
    return this.#unary_(ops.expm1Op);
  }
  /** y = ln x, elementwise. @category Elementwise */
  log(): Tensor {
    return this.#unary(ops.logOp);
  }
  /** `log()` in place. @category In-place */
  log_(): this {
    return this.#unary_(ops.logOp);
  }
  /** y = ln(1 + x), exact near 0, elementwise. @category Elementwise */
  log1p(): Tensor {
    return this.#unary(ops.log1pOp);
  }
  /** `log1p()` in place. @category In-place */
  log1p_(): this {
    return this.#unary_(ops.log1pOp);
  }
  /** y = the square root of x, elementwise. @category Elementwise */
  sqrt(): Tensor {
    return this.#unary(ops.sqrtOp);
  }
  /** `sqrt()` in place. @category In-place */
  sqrt_(): this {
    return this.#unary_(ops.sqrtOp);
  }
  /** y = sin x, in radians, elementwise. @category Elementwise */
  sin(): Tensor {
    return this.#unary(ops.sinOp);
  }
  /** `sin()` in place. @category In-place */
  sin_(): this {
    return this.#unary_(ops.sinOp);
  }
  /** y = cos x, in radians, elementwise. @category Elementwise */
  cos(): Tensor {
    return this.#unary(ops.cosOp);
  }
  /** `cos()` in place. @category In-place */
  cos_(): this {
    return this.#unary_(ops.cosOp);
  }
  /** y = tanh x, elementwise. @category Elementwise */
  tanh(): Tensor {
    return this.#unary(ops.tanhOp);
  }
  /** `tanh()` in place. @category In-place */
  tanh_(): this {
    return this.#unary_(ops.tanhOp);
  }
  /** y = erf x = 2 / sqrt(pi) * integral from 0 to x of e^(-t^2), elementwise. @category Elementwise */
  erf(): Tensor {
    return this.#unary(ops.erfOp);
  }
  /** `erf()` in place. @category In-place */
  erf_(): this {
    return this.#unary_(ops.erfOp);
  }
  /** y = the largest integer <= x, elementwise. @category Elementwise */
  floor(): Tensor {
    return this.#unary(ops.floorOp);
  }
  /** `floor()` in place. @category In-place */
  floor_(): this {
    return this.#unary_(ops.floorOp);
  }
  /** y = the smallest integer >= x, elementwise. @category Elementwise */
  ceil(): Tensor {
    return this.#unary(ops.ceilOp);
  }
  /** `ceil()` in place. @category In-place */
  ceil_(): this {
    return this.#unary_(ops.ceilOp);
  }
  /**
   * y = the nearest integer, halves to even, elementwise; or the nearest multiple of 10^-decimals.
   * @category Elementwise
   */
  round({ decimals = 0 }: RoundOptions = {}): Tensor {
    if (decimals === 0) return this.#unary(ops.roundOp);
    // As in PyTorch: scaled by a power of ten, rounded, scaled back.
    const scale = 10 ** Math.abs(decimals);
    const x = this.self();
    if (decimals > 0) return x.mul(scale).round().div(scale);
    return x.div(scale).round().mul(scale);
  }
  /** `round()` in place. @category In-place */
  round_(): this {
    return this.#unary_(ops.roundOp);
  }
  /** y = x without its fraction, elementwise. @category Elementwise */
  trunc(): Tensor {
    return this.#unary(ops.truncOp);
  }
  /** `trunc()` in place. @category In-place */
  trunc_(): this {
    return this.#unary_(ops.truncOp);
  }
  /** y = 1 / x, elementwise. @category Elementwise */
  reciprocal(): Tensor {
    return this.#unary(ops.reciprocalOp);
  }
  /** `reciprocal()` in place. @category In-place */
  reciprocal_(): this {
    return this.#unary_(ops.reciprocalOp);
  }
  /** y = 1 / sqrt(x), elementwise. @category Elementwise */
  rsqrt(): Tensor {
    return this.#unary(ops.rsqrtOp);
  }
  /** `rsqrt()` in place. @category In-place */
  rsqrt_(): this {
    return this.#unary_(ops.rsqrtOp);
  }
  /** y = x^2, elementwise. @category Elementwise */
  square(): Tensor {
    return this.#unary(ops.squareOp);
  }
  /** `square()` in place. @category In-place */
  square_(): this {
    return this.#unary_(ops.squareOp);
  }
  /** y = 1 / (1 + e^-x), elementwise. @category Elementwise */
  sigmoid(): Tensor {
    return this.#unary(ops.sigmoidOp);
  }
  /** `sigmoid()` in place. @category In-place */
  sigmoid_(): this {
    return this.#unary_(ops.sigmoidOp);
  }
  /** y = max(x, 0), elementwise. @category Elementwise */
  relu(): Tensor {
    return this.#unary(ops.reluOp);
  }
  /** `relu()` in place. @category In-place */
  relu_(): this {
    return this.#unary_(ops.reluOp);
  }
  /** y = log2 x, elementwise. @category Elementwise */
  log2(): Tensor {
    return this.#unary(ops.log2Op);
  }
  /** `log2()` in place. @category In-place */
  log2_(): this {
    return this.#unary_(ops.log2Op);
  }
  /** y = log10 x, elementwise. @category Elementwise */
  log10(): Tensor {
    return this.#unary(ops.log10Op);
  }
  /** `log10()` in place. @category In-place */
  log10_(): this {
    return this.#unary_(ops.log10Op);
  }
  /** y = 2^x, elementwise. @category Elementwise */
  exp2(): Tensor {
    return this.#unary(ops.exp2Op);
  }
  /** `exp2()` in place. @category In-place */
  exp2_(): this {
    return this.#unary_(ops.exp2Op);
  }
  /** y = 1 - erf x, elementwise. @category Elementwise */
  erfc(): Tensor {
    return this.#unary(ops.erfcOp);
  }
  /** `erfc()` in place. @category In-place */
  erfc_(): this {
    return this.#unary_(ops.erfcOp);
  }
  /** y = tan x, in radians, elementwise. @category Elementwise */
  tan(): Tensor {
    return this.#unary(ops.tanOp);
  }
  /** `tan()` in place. @category In-place */
  tan_(): this {
    return this.#unary_(ops.tanOp);
  }
  /** y = asin x, in radians, elementwise. @category Elementwise */
  asin(): Tensor {
    return this.#unary(ops.asinOp);
  }
  /** `asin()` in place. @category In-place */
  asin_(): this {
    return this.#unary_(ops.asinOp);
  }
  /** y = acos x, in radians, elementwise. @category Elementwise */
  acos(): Tensor {
    return this.#unary(ops.acosOp);
  }
  /** `acos()` in place. @category In-place */
  acos_(): this {
    return this.#unary_(ops.acosOp);
  }
  /** y = atan x, in radians, elementwise. @category Elementwise */
  atan(): Tensor {
    return this.#unary(ops.atanOp);
  }
  /** `atan()` in place. @category In-place */
  atan_(): this {
    return this.#unary_(ops.atanOp);
  }
  /** y = (e^x - e^-x) / 2, elementwise. @category Elementwise */
  sinh(): Tensor {
    return this.#unary(ops.sinhOp);
  }
  /** `sinh()` in place. @category In-place */
  sinh_(): this {
    return this.#unary_(ops.sinhOp);
  }
  /** y = (e^x + e^-x) / 2, elementwise. @category Elementwise */
  cosh(): Tensor {
    return this.#unary(ops.coshOp);
  }
  /** `cosh()` in place. @category In-place */
  cosh_(): this {
    return this.#unary_(ops.coshOp);
  }
  /** y = ~x, or not x for bool, elementwise. @category Elementwise */
  bitwiseNot(): Tensor {
    return this.#unary(ops.bitwiseNotOp);
  }
  /** `bitwiseNot()` in place. @category In-place */
  bitwiseNot_(): this {
    return this.#unary_(ops.bitwiseNotOp);
  }
  /** y = whether x is 0, as bool, elementwise. @category Elementwise */
  logicalNot(): Tensor {
    return this.#unary(ops.logicalNotOp);
  }
  /** `logicalNot()` in place. @category In-place */
  logicalNot_(): this {
    return this.#unary_(ops.logicalNotOp);
  }
  /** y = whether x is NaN, as bool, elementwise. @category Elementwise */
  isnan(): Tensor {
    return this.#unary(ops.isnanOp);
  }
  /** y = whether x is infinite, as bool, elementwise. @category Elementwise */
  isinf(): Tensor {
    return this.#unary(ops.isinfOp);
  }
  /** y = whether x is neither NaN nor infinite, as bool, elementwise. @category Elementwise */
  isfinite(): Tensor {
    return this.#unary(ops.isfiniteOp);
  }
}
