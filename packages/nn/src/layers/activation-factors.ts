// Activations with factors.
import {
  celu,
  elu,
  gelu,
  hardshrink,
  hardtanh,
  leakyRelu,
  softplus,
  softshrink,
  type Tensor,
  threshold,
} from "@tead/tensor";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { withBare } from "./bare.ts";
import { applied, describeInPlace, type InPlaceOption } from "./in-place.ts";

/** Options of {@link LeakyReLU}. */
export interface LeakyReLUOptions extends InPlaceOption {
  /** The factor below 0. Default 0.01. */
  readonly negativeSlope?: number;
}

/**
 * y = x where x > 0, else negativeSlope x
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param negativeSlope - The factor below 0. Default 0.01.
 * @param options - `inplace`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LeakyReLU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new LeakyReLU(0.5).forward(tensor([-2, 2], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [-1, 2]);
 */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;
  readonly inplace: boolean;

  constructor(negativeSlope?: number | LeakyReLUOptions, options: LeakyReLUOptions = {}) {
    super();
    const all = withBare("negativeSlope", negativeSlope, options);
    this.negativeSlope = all.negativeSlope ?? 0.01;
    this.inplace = all.inplace ?? false;
  }
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, (x) => leakyRelu(x, this));
  }
  override extraRepr(): string {
    return describeInPlace(`negative_slope=${pyFloat(this.negativeSlope)}`, this.inplace);
  }
}

/** Options of {@link ELU}. */
export interface ELUOptions extends InPlaceOption {
  /** The limit below 0, negated. Default 1. */
  readonly alpha?: number;
}

/**
 * y = x where x > 0, else alpha (e^x - 1)
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param alpha - The limit below 0, negated. Default 1.
 * @param options - `inplace`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ELU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ELU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new ELU().forward(tensor([0, 2], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0, 2]);
 */
export class ELU extends Module {
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(alpha?: number | ELUOptions, options: ELUOptions = {}) {
    super();
    const all = withBare("alpha", alpha, options);
    this.alpha = all.alpha ?? 1;
    this.inplace = all.inplace ?? false;
  }
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, (x) => elu(x, this));
  }
  override extraRepr(): string {
    return describeInPlace(`alpha=${pyFloat(this.alpha)}`, this.inplace);
  }
}

/** Options of {@link CELU}. */
export interface CELUOptions extends InPlaceOption {
  /** The limit below 0, negated. Default 1. */
  readonly alpha?: number;
}

/**
 * y = max(x, 0) + min(0, alpha (e^(x / alpha) - 1))
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param alpha - The limit below 0, negated. Default 1.
 * @param options - `inplace`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CELU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CELU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new CELU(2).forward(tensor([0, 2], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0, 2]);
 */
export class CELU extends Module {
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(alpha?: number | CELUOptions, options: CELUOptions = {}) {
    super();
    const all = withBare("alpha", alpha, options);
    this.alpha = all.alpha ?? 1;
    this.inplace = all.inplace ?? false;
  }
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, (x) => celu(x, this));
  }
  override extraRepr(): string {
    return describeInPlace(`alpha=${pyFloat(this.alpha)}`, this.inplace);
  }
}

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

/** Options of {@link GELU}. */
export interface GELUOptions {
  /** "tanh" for the older approximation. Default "none". */
  readonly approximate?: "none" | "tanh";
}

/**
 * y = x P(X <= x) for a standard normal X
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `approximate`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { GELU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new GELU().forward(tensor([0], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0]);
 */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";

  constructor({ approximate = "none" }: GELUOptions = {}) {
    super();
    this.approximate = approximate;
  }
  override forward(input: Tensor): Tensor {
    return gelu(input, this);
  }
  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** Options of {@link Softplus}. */
export interface SoftplusOptions {
  /** How sharp it is. Default 1. */
  readonly beta?: number;
  /** Above which beta x it is x itself. Default 20. */
  readonly threshold?: number;
}

/**
 * y = ln(1 + e^(beta x)) / beta
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `beta`, `threshold`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Softplus } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Softplus().forward(tensor([30], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [30]);
 */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  constructor({ beta = 1, threshold = 20 }: SoftplusOptions = {}) {
    super();
    this.beta = beta;
    this.threshold = threshold;
  }
  override forward(input: Tensor): Tensor {
    return softplus(input, this);
  }
  override extraRepr(): string {
    return `beta=${pyValue(this.beta)}, threshold=${pyValue(this.threshold)}`;
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
