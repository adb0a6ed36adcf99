// Elementwise methods of three operands: choosing, limiting, interpolating, multiplying and adding.
import { dispatch, dispatchInto } from "../dispatch.ts";
import type { Operand } from "../op.ts";
import * as ops from "../ops/binary.ts";
import type { NoAttrs } from "../ops/rules.ts";
import type { Tensor } from "../tensor.ts";
import { BinaryMethods } from "./binary.ts";

const none: NoAttrs = {};

/** An option of `addcmul` and `addcdiv`: a factor for what is added. */
export interface ValueOption {
  readonly value?: number;
}

export abstract class TernaryMethods extends BinaryMethods {
  /**
   * y = input where this bool tensor is true, else other: `condition.where(a, b)`.
   *
   * **Shapes**: all three broadcast. **Dtype**: promoted from input and other.
   *
   * @param input - a tensor or a number
   * @param other - a tensor or a number
   * @throws {DTypeError} where the condition is not bool
   * @see https://pytorch.org/docs/stable/generated/torch.where.html
   * @category Elementwise
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([-1.5, 2]);
   * assert.deepEqual(x.gt(0).where(x, 0).tolistSync(), [0, 2]);
   */
  where(input: Operand, other: Operand): Tensor {
    return dispatch(ops.whereOp, [this.self(), input, other], none);
  }
  /**
   * y = min(max(x, min), max): x limited to [min, max]; NaN stays. Where min > max, max wins.
   *
   * Gradients flow where x is within the limits, the limits included.
   *
   * @param min - a number or a tensor; no lower limit where absent
   * @param max - a number or a tensor; no upper limit where absent
   * @throws {RangeError} where both are absent
   * @see https://pytorch.org/docs/stable/generated/torch.clamp.html
   * @category Elementwise
   */
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
  /** y = a + weight * (end - a). @category Elementwise */
  lerp(end: Tensor, weight: Operand): Tensor {
    return this.add(end.sub(this.self()).mul(weight));
  }
  /** `lerp()` in place. @category In-place */
  lerp_(end: Tensor, weight: Operand): this {
    return this.add_(end.sub(this.self()).mul(weight));
  }
  /** y = a + value * b * c. @category Elementwise */
  addcmul(b: Tensor, c: Tensor, { value = 1 }: ValueOption = {}): Tensor {
    if (value === 1) return dispatch(ops.addcmulOp, [this.self(), b, c], none);
    return this.add(b.mul(c), { alpha: value });
  }
  /** `addcmul()` in place. @category In-place */
  addcmul_(b: Tensor, c: Tensor, { value = 1 }: ValueOption = {}): this {
    if (value === 1) {
      dispatchInto(ops.addcmulOp, [this.self(), b, c], none, this.self());
      return this;
    }
    return this.add_(b.mul(c), { alpha: value });
  }
  /** y = a + value * b / c. @category Elementwise */
  addcdiv(b: Tensor, c: Tensor, { value = 1 }: ValueOption = {}): Tensor {
    return this.add(b.div(c), { alpha: value });
  }
  /** `addcdiv()` in place. @category In-place */
  addcdiv_(b: Tensor, c: Tensor, { value = 1 }: ValueOption = {}): this {
    return this.add_(b.div(c), { alpha: value });
  }
}
