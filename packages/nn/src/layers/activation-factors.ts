// Smooth and leaky activations with factors.
import { celu, elu, gelu, leakyRelu, softplus, type Tensor } from "@tead/tensor";
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
