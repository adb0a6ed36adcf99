// Elementwise functions beyond the everyday ones.
import { dispatch, dispatchInto } from "../dispatch.ts";
import { type DType, isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import type { Op, Operand } from "../op.ts";
import type { NoAttrs } from "../ops/rules.ts";
import * as ops from "../ops/special.ts";
import type { Tensor } from "../tensor.ts";
import { ArrangeMethods } from "./arrange.ts";

/** What `nanToNum()` puts in place of what is no number. */
export interface NanToNumOptions {
  /** For NaN; 0 unless said. */
  readonly nan?: number;
  /** For Infinity; the dtype's largest number unless said. */
  readonly posinf?: number;
  /** For -Infinity; the dtype's least number unless said. */
  readonly neginf?: number;
}

type Binary = Op<string, readonly ["input", "other"], NoAttrs, readonly ["output"]>;
const none: NoAttrs = {};
const largest: Partial<Record<DType, number>> = {
  float64: Number.MAX_VALUE,
  float32: 3.4028234663852886e38,
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
};

export abstract class SpecialMethods extends ArrangeMethods {
  private runSpecial(op: Binary, other: Operand): Tensor {
    return dispatch(op, [this.self(), other], none);
  }

  /** y = asinh x = ln(x + sqrt(x^2 + 1)), elementwise. @category Elementwise */
  asinh(): Tensor {
    return dispatch(ops.asinhOp, [this.self()], none);
  }
  /** `asinh()` in place. @category In-place */
  asinh_(): this {
    dispatchInto(ops.asinhOp, [this.self()], none, this.self());
    return this;
  }
  /** y = acosh x = ln(x + sqrt(x^2 - 1)), elementwise. @category Elementwise */
  acosh(): Tensor {
    return dispatch(ops.acoshOp, [this.self()], none);
  }
  /** `acosh()` in place. @category In-place */
  acosh_(): this {
    dispatchInto(ops.acoshOp, [this.self()], none, this.self());
    return this;
  }
  /** y = atanh x = ln((1 + x) / (1 - x)) / 2, elementwise. @category Elementwise */
  atanh(): Tensor {
    return dispatch(ops.atanhOp, [this.self()], none);
  }
  /** `atanh()` in place. @category In-place */
  atanh_(): this {
    dispatchInto(ops.atanhOp, [this.self()], none, this.self());
    return this;
  }
  /** y = sin(pi x) / (pi x), 1 at 0, elementwise. @category Elementwise */
  sinc(): Tensor {
    return dispatch(ops.sincOp, [this.self()], none);
  }
  /** Whether the sign is minus, that of -0 included, elementwise. @category Comparison */
  signbit(): Tensor {
    return dispatch(ops.signbitOp, [this.self()], none);
  }
  /** y = sqrt(a^2 + b^2), without overflow, elementwise. @category Elementwise */
  hypot(other: Operand): Tensor {
    return this.runSpecial(ops.hypotOp, other);
  }
  /** y = ln(e^a + e^b), without overflow, elementwise. @category Elementwise */
  logaddexp(other: Operand): Tensor {
    return this.runSpecial(ops.logaddexpOp, other);
  }
  /** y = log2(2^a + 2^b), without overflow, elementwise. @category Elementwise */
  logaddexp2(other: Operand): Tensor {
    return this.runSpecial(ops.logaddexp2Op, other);
  }
  /** y = a ln b, 0 where a is 0, elementwise. @category Elementwise */
  xlogy(other: Operand): Tensor {
    return this.runSpecial(ops.xlogyOp, other);
  }
  /** y = a ln(1 + b), 0 where a is 0, elementwise. @category Elementwise */
  xlog1py(other: Operand): Tensor {
    return this.runSpecial(ops.xlog1pyOp, other);
  }
  /** y = |a| with the sign of b, elementwise. @category Elementwise */
  copysign(other: Operand): Tensor {
    return this.runSpecial(ops.copysignOp, other);
  }
  /** y = the larger of a and b; a number wins over NaN, elementwise. @category Elementwise */
  fmax(other: Operand): Tensor {
    return this.runSpecial(ops.fmaxOp, other);
  }
  /** y = the smaller of a and b; a number wins over NaN, elementwise. @category Elementwise */
  fmin(other: Operand): Tensor {
    return this.runSpecial(ops.fminOp, other);
  }
  /** y = 0 where a < 0, b where a is 0, 1 where a > 0, elementwise. @category Elementwise */
  heaviside(other: Operand): Tensor {
    return this.runSpecial(ops.heavisideOp, other);
  }

  /** y = x: itself. @category Elementwise */
  positive(): Tensor {
    if (this.dtype === "bool")
      throw new DTypeError("positive: Cannot compute with bool operands: expected numbers");
    return this.self();
  }
  /** y = -1, 0 or 1 by the sign of x: `sign()`. @category Elementwise */
  sgn(): Tensor {
    return this.sign();
  }
  /** y = x without its integer part, of x's sign, elementwise. @category Elementwise */
  frac(): Tensor {
    return this.sub(this.trunc());
  }
  /** y = x degrees in radians, elementwise. @category Elementwise */
  deg2rad(): Tensor {
    return this.mul(Math.PI / 180);
  }
  /** y = x radians in degrees, elementwise. @category Elementwise */
  rad2deg(): Tensor {
    return this.mul(180 / Math.PI);
  }
  /** y = ln(x / (1 - x)), with x limited to [eps, 1 - eps] where given, elementwise. @category Elementwise */
  logit({ eps }: { readonly eps?: number } = {}): Tensor {
    const p = isFloat(this.dtype) ? this.self() : this.float();
    const x = eps === undefined ? p : p.clamp(eps, 1 - eps);
    return x.div(x.rsub(1)).log();
  }
  /** y = a * 2^b, elementwise. @category Elementwise */
  ldexp(other: Tensor): Tensor {
    return this.mul(other.exp2());
  }
  /** y = a^b in float64, elementwise. @category Elementwise */
  floatPower(other: Operand): Tensor {
    const exponent = typeof other === "object" ? other.to("float64") : other;
    return this.to("float64").pow(exponent);
  }
  /** NaN and the infinities replaced by numbers, elementwise. @category Elementwise */
  nanToNum({ nan = 0, posinf, neginf }: NanToNumOptions = {}): Tensor {
    if (!isFloat(this.dtype)) return this.clone();
    const top = largest[this.dtype] as number;
    const numbers = this.isnan().where(nan, this.self());
    const below = numbers.eq(Number.POSITIVE_INFINITY).where(posinf ?? top, numbers);
    return below.eq(Number.NEGATIVE_INFINITY).where(neginf ?? -top, below);
  }
  /** Whether x is Infinity, elementwise. @category Comparison */
  isposinf(): Tensor {
    return this.eq(Number.POSITIVE_INFINITY);
  }
  /** Whether x is -Infinity, elementwise. @category Comparison */
  isneginf(): Tensor {
    return this.eq(Number.NEGATIVE_INFINITY);
  }
  /** Whether each element occurs among `elements`. @category Comparison */
  isin(elements: Tensor, { invert = false }: { readonly invert?: boolean } = {}): Tensor {
    const found = this.unsqueeze(-1)
      .eq(elements.reshape([-1]))
      .any(-1);
    return invert ? found.logicalNot() : found;
  }
}
