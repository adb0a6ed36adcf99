// Losses by distance.
import {
  huberLoss,
  type LossOptions,
  l1Loss,
  mseLoss,
  smoothL1Loss,
  type Tensor,
} from "@tead/tensor";
import { Loss } from "./loss.ts";

/**
 * The squared differences: `functional.mseLoss` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MSELoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new MSELoss({ reduction: "sum" }).forward(zeros([3]), ones([3])).itemSync(), 3);
 */
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this);
  }
}

/**
 * The absolute differences: `functional.l1Loss` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { L1Loss } from "@tead/nn";
 * import { full, ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new L1Loss().forward(ones([3]), full([3], 3.5)).itemSync(), 2.5);
 */
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this);
  }
}

/** Options of {@link SmoothL1Loss}. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Below which difference the loss is quadratic. Default 1. */
  readonly beta?: number;
}

/**
 * Quadratic for small differences, absolute for large ones: `functional.smoothL1Loss` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `beta`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SmoothL1Loss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new SmoothL1Loss().forward(zeros([3]), ones([3])).itemSync(), 0.5);
 */
export class SmoothL1Loss extends Loss {
  readonly beta: number;

  constructor(options: SmoothL1LossOptions = {}) {
    super(options);
    this.beta = options.beta ?? 1;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this);
  }
}

/** Options of {@link HuberLoss}. */
export interface HuberLossOptions extends LossOptions {
  /** Below which difference the loss is quadratic. Default 1. */
  readonly delta?: number;
}

/**
 * Quadratic for small differences, linear for large ones: `functional.huberLoss` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `delta`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { HuberLoss } from "@tead/nn";
 * import { full, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new HuberLoss().forward(zeros([3]), full([3], 3.5)).itemSync(), 3);
 */
export class HuberLoss extends Loss {
  readonly delta: number;

  constructor(options: HuberLossOptions = {}) {
    super(options);
    this.delta = options.delta ?? 1;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this);
  }
}
