// Elementwise methods of two operands, which broadcast and promote as in PyTorch.
import { dispatch, dispatchInto } from "../dispatch.ts";
import type { Op, Operand } from "../op.ts";
import * as ops from "../ops/binary.ts";
import type { NoAttrs } from "../ops/rules.ts";
import type { Tensor } from "../tensor.ts";
import { UnaryMethods } from "./unary.ts";

type Binary = Op<string, readonly ["input", "other"], NoAttrs, readonly ["output"]>;
const none: NoAttrs = {};

/** An option of `add` and `sub`. */
export interface AlphaOption {
  /** A factor for the other operand. */
  readonly alpha?: number;
}
/** An option of `div`: round toward zero, or down; absent for true division. */
export interface RoundingOption {
  readonly roundingMode?: "trunc" | "floor";
}

function scaled(other: Operand, { alpha }: AlphaOption): Operand {
  if (alpha === undefined || alpha === 1) return other;
  return typeof other === "object" ? other.mul(alpha) : Number(other) * alpha;
}

function powerOfTwo(like: Tensor, exponent: Operand): Operand {
  if (typeof exponent !== "object") return 2 ** Number(exponent);
  return like.newFull([], 2, { dtype: exponent.dtype }).pow(exponent);
}

export abstract class BinaryMethods extends UnaryMethods {
  private runBinary(op: Binary, other: Operand): Tensor {
    return dispatch(op, [this.self(), other], none);
  }
  private runBinaryInPlace(op: Binary, other: Operand): this {
    dispatchInto(op, [this.self(), other], none, this.self());
    return this;
  }

  /** y = a + b, with b times `alpha` where given. @category Elementwise */
  add(other: Operand, options?: AlphaOption): Tensor {
    return this.runBinary(ops.addOp, options === undefined ? other : scaled(other, options));
  }
  /** `add()` in place. @category In-place */
  add_(other: Operand, options?: AlphaOption): this {
    return this.runBinaryInPlace(ops.addOp, options === undefined ? other : scaled(other, options));
  }
  /** y = a - b, with b times `alpha` where given. @category Elementwise */
  sub(other: Operand, options?: AlphaOption): Tensor {
    return this.runBinary(ops.subOp, options === undefined ? other : scaled(other, options));
  }
  /** `sub()` in place. @category In-place */
  sub_(other: Operand, options?: AlphaOption): this {
    return this.runBinaryInPlace(ops.subOp, options === undefined ? other : scaled(other, options));
  }
  /** y = a * b, elementwise. @category Elementwise */
  mul(other: Operand): Tensor {
    return this.runBinary(ops.mulOp, other);
  }
  /** `mul()` in place. @category In-place */
  mul_(other: Operand): this {
    return this.runBinaryInPlace(ops.mulOp, other);
  }
  /** y = a / b; integers give float32; `roundingMode` rounds it and keeps integers. @category Elementwise */
  div(other: Operand, { roundingMode }: RoundingOption = {}): Tensor {
    if (roundingMode === "floor") return this.floorDivide(other);
    const quotient = this.runBinary(ops.divOp, other);
    if (roundingMode === undefined) return quotient;
    const integer = dispatch(ops.floorDivideOp, [this.self(), other], none).dtype;
    return quotient.trunc().to(integer);
  }
  /** `div()` in place. @category In-place */
  div_(other: Operand, { roundingMode }: RoundingOption = {}): this {
    if (roundingMode === "floor") return this.runBinaryInPlace(ops.floorDivideOp, other);
    this.runBinaryInPlace(ops.divOp, other);
    return roundingMode === undefined ? this : this.trunc_();
  }
  /** y = a^b, elementwise. @category Elementwise */
  pow(other: Operand): Tensor {
    return this.runBinary(ops.powOp, other);
  }
  /** `pow()` in place. @category In-place */
  pow_(other: Operand): this {
    return this.runBinaryInPlace(ops.powOp, other);
  }
  /** y = the angle of the point (b, a), in radians, elementwise. @category Elementwise */
  atan2(other: Operand): Tensor {
    return this.runBinary(ops.atan2Op, other);
  }
  /** `atan2()` in place. @category In-place */
  atan2_(other: Operand): this {
    return this.runBinaryInPlace(ops.atan2Op, other);
  }
  /** y = the larger of a and b; NaN wins, elementwise. @category Elementwise */
  maximum(other: Operand): Tensor {
    return this.runBinary(ops.maximumOp, other);
  }
  /** `maximum()` in place. @category In-place */
  maximum_(other: Operand): this {
    return this.runBinaryInPlace(ops.maximumOp, other);
  }
  /** y = the smaller of a and b; NaN wins, elementwise. @category Elementwise */
  minimum(other: Operand): Tensor {
    return this.runBinary(ops.minimumOp, other);
  }
  /** `minimum()` in place. @category In-place */
  minimum_(other: Operand): this {
    return this.runBinaryInPlace(ops.minimumOp, other);
  }
  /** y = a - b * floor(a / b), of b's sign, elementwise. @category Elementwise */
  remainder(other: Operand): Tensor {
    return this.runBinary(ops.remainderOp, other);
  }
  /** `remainder()` in place. @category In-place */
  remainder_(other: Operand): this {
    return this.runBinaryInPlace(ops.remainderOp, other);
  }
  /** y = a - b * trunc(a / b), of a's sign, elementwise. @category Elementwise */
  fmod(other: Operand): Tensor {
    return this.runBinary(ops.fmodOp, other);
  }
  /** `fmod()` in place. @category In-place */
  fmod_(other: Operand): this {
    return this.runBinaryInPlace(ops.fmodOp, other);
  }
  /** y = floor(a / b), elementwise. @category Elementwise */
  floorDivide(other: Operand): Tensor {
    return this.runBinary(ops.floorDivideOp, other);
  }
  /** `floorDivide()` in place. @category In-place */
  floorDivide_(other: Operand): this {
    return this.runBinaryInPlace(ops.floorDivideOp, other);
  }
  /** y = a & b, elementwise. @category Elementwise */
  bitwiseAnd(other: Operand): Tensor {
    return this.runBinary(ops.bitwiseAndOp, other);
  }
  /** `bitwiseAnd()` in place. @category In-place */
  bitwiseAnd_(other: Operand): this {
    return this.runBinaryInPlace(ops.bitwiseAndOp, other);
  }
  /** y = a | b, elementwise. @category Elementwise */
  bitwiseOr(other: Operand): Tensor {
    return this.runBinary(ops.bitwiseOrOp, other);
  }
  /** `bitwiseOr()` in place. @category In-place */
  bitwiseOr_(other: Operand): this {
    return this.runBinaryInPlace(ops.bitwiseOrOp, other);
  }
  /** y = a ^ b, elementwise. @category Elementwise */
  bitwiseXor(other: Operand): Tensor {
    return this.runBinary(ops.bitwiseXorOp, other);
  }
  /** `bitwiseXor()` in place. @category In-place */
  bitwiseXor_(other: Operand): this {
    return this.runBinaryInPlace(ops.bitwiseXorOp, other);
  }
  /** y = other - this. @category Elementwise */
  rsub(other: Operand): Tensor {
    return dispatch(ops.subOp, [other, this.self()], none);
  }
  /** y = other / this. @category Elementwise */
  rdiv(other: Operand): Tensor {
    return dispatch(ops.divOp, [other, this.self()], none);
  }
  /** y = other^this. @category Elementwise */
  rpow(other: Operand): Tensor {
    return dispatch(ops.powOp, [other, this.self()], none);
  }
  /** y = this where a bool tensor, else other: `condition.where(a, b)`. @category Elementwise */
  where(input: Operand, other: Operand): Tensor {
    return dispatch(ops.whereOp, [this.self(), input, other], none);
  }
  /** y = x limited to [min, max]; either may be absent, NaN stays. @category Elementwise */
  clamp(min?: Operand, max?: Operand): Tensor {
    if (min === undefined && max === undefined)
      throw new RangeError("clamp: No limit: expected min, max or both");
    return dispatch(ops.clampOp, [this.self(), min, max], none);
  }
  /** `clamp()` in place. @category In-place */
  clamp_(min?: Operand, max?: Operand): this {
    dispatchInto(ops.clampOp, [this.self(), min, max], none, this.self());
    return this;
  }
  /** y = max(x, min), elementwise. @category Elementwise */
  clampMin(min: Operand): Tensor {
    return this.clamp(min);
  }
  /** `clampMin()` in place. @category In-place */
  clampMin_(min: Operand): this {
    return this.clamp_(min);
  }
  /** y = min(x, max), elementwise. @category Elementwise */
  clampMax(max: Operand): Tensor {
    return this.clamp(undefined, max);
  }
  /** `clampMax()` in place. @category In-place */
  clampMax_(max: Operand): this {
    return this.clamp_(undefined, max);
  }
  /** y = a * 2^b for integers. @category Elementwise */
  bitwiseLeftShift(other: Operand): Tensor {
    return this.mul(powerOfTwo(this.self(), other));
  }
  /** y = floor(a / 2^b) for integers. @category Elementwise */
  bitwiseRightShift(other: Operand): Tensor {
    return this.floorDivide(powerOfTwo(this.self(), other));
  }
  /** y = a + weight * (end - a). @category Elementwise */
  lerp(end: Tensor, weight: Operand): Tensor {
    return this.add(end.sub(this.self()).mul(weight));
  }
  /** `lerp()` in place. @category In-place */
  lerp_(end: Tensor, weight: Operand): this {
    return this.add_(end.sub(this.self()).mul(weight));
  }
  /** y = a + value * b * c. @category Elementwise */
  addcmul(b: Tensor, c: Tensor, { value = 1 }: { readonly value?: number } = {}): Tensor {
    return this.add(b.mul(c), { alpha: value });
  }
  /** `addcmul()` in place. @category In-place */
  addcmul_(b: Tensor, c: Tensor, { value = 1 }: { readonly value?: number } = {}): this {
    return this.add_(b.mul(c), { alpha: value });
  }
  /** y = a + value * b / c. @category Elementwise */
  addcdiv(b: Tensor, c: Tensor, { value = 1 }: { readonly value?: number } = {}): Tensor {
    return this.add(b.div(c), { alpha: value });
  }
  /** `addcdiv()` in place. @category In-place */
  addcdiv_(b: Tensor, c: Tensor, { value = 1 }: { readonly value?: number } = {}): this {
    return this.add_(b.div(c), { alpha: value });
  }
}
