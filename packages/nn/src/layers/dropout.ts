// Layers that drop elements in training and do nothing in evaluation.
import {
  alphaDropout,
  type DropoutOptions,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
  type Tensor,
} from "@tead/tensor";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { withBare } from "./bare.ts";
import { applied, type InPlaceOption } from "./in-place.ts";

/** Options of the dropout layers. */
export interface DropoutLayerOptions extends InPlaceOption {
  /** The probability of dropping an element. Default 0.5. */
  readonly p?: number;
}

type DropoutFunction = (input: Tensor, p: number, options: DropoutOptions) => Tensor;

abstract class DropoutLayer extends Module {
  readonly p: number;
  readonly inplace: boolean;
  private readonly run: DropoutFunction;

  constructor(
    run: DropoutFunction,
    first: DropoutLayerOptions | number | undefined,
    rest: DropoutLayerOptions,
  ) {
    super();
    const { p = 0.5, inplace = false } = withBare("p", first, rest);
    if (!(p >= 0 && p <= 1))
      throw new RangeError(
        `${this.constructor.name}: Option p is not valid: expected a probability from 0 to 1, received ${p}`,
      );
    this.run = run;
    this.p = p;
    this.inplace = inplace;
  }
  override forward(input: Tensor): Tensor {
    const { p, training } = this;
    return applied(input, this.inplace, (x) => this.run(x, p, { training }));
  }
  override extraRepr(): string {
    return `p=${pyFloat(this.p)}, inplace=${pyValue(this.inplace)}`;
  }
}

/**
 * In training sets elements to 0 with probability p and divides the others by 1 - p. The masks are
 * PyTorch's for the same seed.
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param p - The probability. Default 0.5.
 * @param options - `inplace`.
 * @throws RangeError if p is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Dropout } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([4, 4]);
 * assert.equal(new Dropout(0.25).eval().forward(x), x);
 */
export class Dropout extends DropoutLayer {
  constructor(p?: number | DropoutLayerOptions, options: DropoutLayerOptions = {}) {
    super(dropout, p, options);
  }
}

/**
 * In training sets whole channels to 0 with probability p and divides the others by 1 - p. The
 * masks are PyTorch's for the same seed.
 *
 * **Shapes**: `input [N, C, L]` or `[C, L]`, the output alike.
 *
 * @param p - The probability. Default 0.5.
 * @param options - `inplace`.
 * @throws RangeError if p is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Dropout1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([2, 4, 3]);
 * assert.equal(new Dropout1d(0.25).eval().forward(x), x);
 */
export class Dropout1d extends DropoutLayer {
  constructor(p?: number | DropoutLayerOptions, options: DropoutLayerOptions = {}) {
    super(dropout1d, p, options);
  }
}

/**
 * In training sets whole channels to 0 with probability p and divides the others by 1 - p. The
 * masks are PyTorch's for the same seed.
 *
 * **Shapes**: `input [N, C, H, W]`, the output alike.
 *
 * @param p - The probability. Default 0.5.
 * @param options - `inplace`.
 * @throws RangeError if p is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Dropout2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([2, 4, 3, 3]);
 * assert.equal(new Dropout2d(0.25).eval().forward(x), x);
 */
export class Dropout2d extends DropoutLayer {
  constructor(p?: number | DropoutLayerOptions, options: DropoutLayerOptions = {}) {
    super(dropout2d, p, options);
  }
}

/**
 * In training sets whole channels to 0 with probability p and divides the others by 1 - p. The
 * masks are PyTorch's for the same seed.
 *
 * **Shapes**: `input [N, C, D, H, W]` or without `N`, the output alike.
 *
 * @param p - The probability. Default 0.5.
 * @param options - `inplace`.
 * @throws RangeError if p is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Dropout3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([2, 4, 3, 3, 3]);
 * assert.equal(new Dropout3d(0.25).eval().forward(x), x);
 */
export class Dropout3d extends DropoutLayer {
  constructor(p?: number | DropoutLayerOptions, options: DropoutLayerOptions = {}) {
    super(dropout3d, p, options);
  }
}

/**
 * In training drops elements with probability p so that mean 0 and variance 1 stay, for SELU. The
 * masks are PyTorch's for the same seed.
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param p - The probability. Default 0.5.
 * @param options - `inplace`.
 * @throws RangeError if p is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AlphaDropout } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([4, 4]);
 * assert.equal(new AlphaDropout(0.25).eval().forward(x), x);
 */
export class AlphaDropout extends DropoutLayer {
  constructor(p?: number | DropoutLayerOptions, options: DropoutLayerOptions = {}) {
    super(alphaDropout, p, options);
  }
}

/**
 * In training drops whole channels with probability p so that mean 0 and variance 1 stay, for
 * SELU. The masks are PyTorch's for the same seed.
 *
 * **Shapes**: `input [N, C, ...]`, the output alike.
 *
 * @param p - The probability. Default 0.5.
 * @param options - `inplace`.
 * @throws RangeError if p is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { FeatureAlphaDropout } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([2, 4, 3]);
 * assert.equal(new FeatureAlphaDropout(0.25).eval().forward(x), x);
 */
export class FeatureAlphaDropout extends DropoutLayer {
  constructor(p?: number | DropoutLayerOptions, options: DropoutLayerOptions = {}) {
    super(featureAlphaDropout, p, options);
  }
}
