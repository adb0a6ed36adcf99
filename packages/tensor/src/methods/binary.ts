// Elementwise methods of two operands, which broadcast and promote as in PyTorch.
import { dispatch, dispatchInto } from "../dispatch.ts";
import type { Op, Operand } from "../op.ts";
import * as ops from "../ops/binary.ts";
import type { NoAttrs } from "../ops/rules.ts";
import type { Tensor } from "../tensor.ts";
import { TrigonometricMethods } from "./trigonometric.ts";

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

export abstract class BinaryMethods extends TrigonometricMethods {
  private runBinary(op: Binary, other: Operand): Tensor {
    return dispatch(op, [this.self(), other], none);
  }
  private runBinaryInPlace(op: Binary, other: Operand): this {
    dispatchInto(op, [this.self(), other], none, this.self());
    return this;
  }

  /**
   * y = a + b, with b times `alpha` where given.
   *
   * **Shapes**: a and b broadcast. **Dtype**: promoted; a number counts by its category only, so that
   * `int.add(1)` stays an integer and `int.add(0.5)` becomes float32.
   *
   * @param other - a tensor or a number
   * @throws {ShapeError} where the shapes do not broadcast
   * @throws {StateError} where an int32 sum leaves the dtype (on the CPU)
   * @see https://pytorch.org/docs/stable/generated/torch.add.html
   * @category Elementwise
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([[1, 2], [3, 4]]);
   * assert.deepEqual(x.add(tensor([10, 20])).tolistSync(), [[11, 22], [13, 24]]);
   * assert.equal(x.add(0.5).dtype, "float32");
   */
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
  /**
   * y = a * b, elementwise.
   *
   * **Shapes**: a and b broadcast. **Dtype**: promoted.
   *
   * @throws {ShapeError} where the shapes do not broadcast
   * @see https://pytorch.org/docs/stable/generated/torch.mul.html
   * @category Elementwise
   */
  mul(other: Operand): Tensor {
    return this.runBinary(ops.mulOp, other);
  }
  /** `mul()` in place. @category In-place */
  mul_(other: Operand): this {
    return this.runBinaryInPlace(ops.mulOp, other);
  }
  /**
   * y = a / b, elementwise.
   *
   * **Dtype**: integers give float32; with `roundingMode` "floor" or "trunc" the quotient is rounded and
   * keeps the promoted dtype.
   *
   * @param other - a tensor or a number
   * @throws {StateError} where an integer is divided by 0 with a rounding mode
   * @see https://pytorch.org/docs/stable/generated/torch.div.html
   * @category Elementwise
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([7, -7]);
   * assert.deepEqual(x.div(2).tolistSync(), [3.5, -3.5]);
   * assert.deepEqual(x.div(2, { roundingMode: "floor" }).tolistSync(), [3, -4]);
   * assert.deepEqual(x.div(2, { roundingMode: "trunc" }).tolistSync(), [3, -3]);
   */
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
  /**
   * y = a^b, elementwise. Integers stay integers; a negative power of them is 0, 1 or -1.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.pow.html
   * @category Elementwise
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * assert.deepEqual(tensor([1, 2, 3]).pow(2).tolistSync(), [1, 4, 9]);
   */
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
  /**
   * y = a - b * floor(a / b), elementwise: the sign of b, as Python's `%`. JavaScript's `%` is `fmod()`.
   *
   * @throws {StateError} where an integer is divided by 0
   * @see https://pytorch.org/docs/stable/generated/torch.remainder.html
   * @category Elementwise
   */
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
  /** y = a * 2^b for integers. @category Elementwise */
  bitwiseLeftShift(other: Operand): Tensor {
    return this.mul(powerOfTwo(this.self(), other));
  }
  /** y = floor(a / 2^b) for integers. @category Elementwise */
  bitwiseRightShift(other: Operand): Tensor {
    return this.floorDivide(powerOfTwo(this.self(), other));
  }
}
