// Activations with thresholds and limits.
import { hardshrink, hardtanh, softshrink, type Tensor, threshold } from "@tead/tensor";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { withBare } from "./bare.ts";
import { applied, describeInPlace, type InPlaceOption } from "./in-place.ts";

/** Options of {@link Hardshrink}. */
export interface HardshrinkOptions {
  /** The threshold. Default 0.5. */
  readonly lambd?: number;
}

/**
 * y = x where |x| > lambd, else 0
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param lambd - The threshold. Default 0.5.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Hardshrink } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Hardshrink(1).forward(tensor([-2, 0.5], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [-2, 0]);
 */
export class Hardshrink extends Module {
  readonly lambd: number;

  constructor(lambd?: number | HardshrinkOptions) {
    super();
    this.lambd = withBare("lambd", lambd, {}).lambd ?? 0.5;
  }
  override forward(input: Tensor): Tensor {
    return hardshrink(input, this);
  }
  override extraRepr(): string {
    return pyFloat(this.lambd);
  }
}

/** Options of {@link Softshrink}. */
export interface SoftshrinkOptions {
  /** How far. Default 0.5. */
  readonly lambd?: number;
}

/**
 * y = x moved toward 0 by lambd, 0 where that crosses it
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param lambd - How far. Default 0.5.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Softshrink } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Softshrink(1).forward(tensor([-2, 0.5], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [-1, 0]);
 */
export class Softshrink extends Module {
  readonly lambd: number;

  constructor(lambd?: number | SoftshrinkOptions) {
    super();
    this.lambd = withBare("lambd", lambd, {}).lambd ?? 0.5;
  }
  override forward(input: Tensor): Tensor {
    return softshrink(input, this);
  }
  override extraRepr(): string {
    return pyFloat(this.lambd);
  }
}

/** Options of {@link Hardtanh}. */
export interface HardtanhOptions extends InPlaceOption {
  /** The least value. Default -1. */
  readonly minVal?: number;
  /** The largest value. Default 1. */
  readonly maxVal?: number;
}

/**
 * y = min(max(x, minVal), maxVal)
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `minVal`, `maxVal`, `inplace`.
 * @throws RangeError unless minVal is below maxVal.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Hardtanh } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Hardtanh().forward(tensor([-3, 0.5], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [-1, 0.5]);
 */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;
  readonly inplace: boolean;

  constructor({ minVal = -1, maxVal = 1, inplace = false }: HardtanhOptions = {}) {
    super();
    if (!(minVal < maxVal))
      throw new RangeError(
        `Hardtanh: Option maxVal is not valid: expected more than minVal (${minVal}), received ${maxVal}`,
      );
    this.minVal = minVal;
    this.maxVal = maxVal;
    this.inplace = inplace;
  }
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, (x) => hardtanh(x, this));
  }
  override extraRepr(): string {
    const limits = `min_val=${pyFloat(this.minVal)}, max_val=${pyFloat(this.maxVal)}`;
    return describeInPlace(limits, this.inplace);
  }
}

/**
 * y = x where x > threshold, else value
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param threshold - Above which x stays.
 * @param value - What stands for the others.
 * @param options - `inplace`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Threshold } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Threshold(1, 20).forward(tensor([1, 3], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [20, 3]);
 */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;
  readonly inplace: boolean;

  constructor(threshold: number, value: number, { inplace = false }: InPlaceOption = {}) {
    super();
    this.threshold = threshold;
    this.value = value;
    this.inplace = inplace;
  }
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, (x) => threshold(x, this.threshold, this.value));
  }
  override extraRepr(): string {
    const words = `threshold=${pyValue(this.threshold)}, value=${pyValue(this.value)}`;
    return describeInPlace(words, this.inplace);
  }
}
