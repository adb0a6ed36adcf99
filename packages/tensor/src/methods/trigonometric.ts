// Circular and hyperbolic functions, each with its in-place form.
import * as ops from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import { UnaryMethods } from "./unary.ts";

export abstract class TrigonometricMethods extends UnaryMethods {
  /** y = sin x, in radians, elementwise. @category Elementwise */
  sin(): Tensor {
    return this.runUnary(ops.sinOp);
  }
  /** `sin()` in place. @category In-place */
  sin_(): this {
    return this.runUnaryInPlace(ops.sinOp);
  }
  /** y = cos x, in radians, elementwise. @category Elementwise */
  cos(): Tensor {
    return this.runUnary(ops.cosOp);
  }
  /** `cos()` in place. @category In-place */
  cos_(): this {
    return this.runUnaryInPlace(ops.cosOp);
  }
  /** y = tanh x, elementwise. @category Elementwise */
  tanh(): Tensor {
    return this.runUnary(ops.tanhOp);
  }
  /** `tanh()` in place. @category In-place */
  tanh_(): this {
    return this.runUnaryInPlace(ops.tanhOp);
  }
  /** y = tan x, in radians, elementwise. @category Elementwise */
  tan(): Tensor {
    return this.runUnary(ops.tanOp);
  }
  /** `tan()` in place. @category In-place */
  tan_(): this {
    return this.runUnaryInPlace(ops.tanOp);
  }
  /** y = asin x, in radians, elementwise. @category Elementwise */
  asin(): Tensor {
    return this.runUnary(ops.asinOp);
  }
  /** `asin()` in place. @category In-place */
  asin_(): this {
    return this.runUnaryInPlace(ops.asinOp);
  }
  /** y = acos x, in radians, elementwise. @category Elementwise */
  acos(): Tensor {
    return this.runUnary(ops.acosOp);
  }
  /** `acos()` in place. @category In-place */
  acos_(): this {
    return this.runUnaryInPlace(ops.acosOp);
  }
  /** y = atan x, in radians, elementwise. @category Elementwise */
  atan(): Tensor {
    return this.runUnary(ops.atanOp);
  }
  /** `atan()` in place. @category In-place */
  atan_(): this {
    return this.runUnaryInPlace(ops.atanOp);
  }
  /** y = (e^x - e^-x) / 2, elementwise. @category Elementwise */
  sinh(): Tensor {
    return this.runUnary(ops.sinhOp);
  }
  /** `sinh()` in place. @category In-place */
  sinh_(): this {
    return this.runUnaryInPlace(ops.sinhOp);
  }
  /** y = (e^x + e^-x) / 2, elementwise. @category Elementwise */
  cosh(): Tensor {
    return this.runUnary(ops.coshOp);
  }
  /** `cosh()` in place. @category In-place */
  cosh_(): this {
    return this.runUnaryInPlace(ops.coshOp);
  }
}
