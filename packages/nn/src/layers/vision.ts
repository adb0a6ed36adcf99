// Layers that rearrange or normalize channels, and pooling by a norm.
import type { Sizes, Tensor } from "@tead/tensor";
import {
  type LocalResponseNormOptions,
  type LpPoolOptions,
  localResponseNorm,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  pixelShuffle,
  pixelUnshuffle,
} from "../functional/vision.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";

/**
 * Channels spread over places.
 *
 * **Shapes**: `input [..., C r^2, H, W] -> [..., C, H r, W r]`.
 *
 * @param upscaleFactor - r.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { PixelShuffle } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new PixelShuffle(2).forward(ones([1, 4, 3, 3])).shape, [1, 1, 6, 6]);
 */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }
  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }
  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/**
 * Places gathered in channels.
 *
 * **Shapes**: `input [..., C, H r, W r] -> [..., C r^2, H, W]`.
 *
 * @param downscaleFactor - r.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { PixelUnshuffle } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new PixelUnshuffle(2).forward(ones([1, 1, 6, 6])).shape, [1, 4, 3, 3]);
 */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }
  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }
  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

/**
 * y = x / (k + alpha * mean of x^2 over `size` neighbouring channels)^beta.
 *
 * **Shapes**: `input [N, C, ...]`, the output alike.
 *
 * @param size - How many channels.
 * @param options - `alpha`, `beta`, `k`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LocalResponseNorm } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new LocalResponseNorm(1, { alpha: 3, beta: 0.5 });
 * assert.deepEqual(layer.forward(ones([1, 1, 1])).tolistSync(), [[[0.5]]]);
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }
  override forward(input: Tensor): Tensor {
    return localResponseNorm(input, this.size, this);
  }
  override extraRepr(): string {
    const { size, alpha, beta, k } = this;
    return `${size}, alpha=${pyFloat(alpha)}, beta=${pyFloat(beta)}, k=${pyFloat(k)}`;
  }
}

abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Sizes;
  readonly stride: Sizes | undefined;
  readonly ceilMode: boolean;

  constructor(normType: number, kernelSize: Sizes, options: LpPoolOptions = {}) {
    super();
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.stride = options.stride;
    this.ceilMode = options.ceilMode ?? false;
  }
  override extraRepr(): string {
    return [
      `norm_type=${pyValue(this.normType)}`,
      `kernel_size=${pyValue(this.kernelSize)}`,
      `stride=${pyValue(this.stride)}`,
      `ceil_mode=${pyValue(this.ceilMode)}`,
    ].join(", ");
  }
}

/**
 * y = (sum of x^p over each window)^(1/p), for sequences.
 *
 * @param normType - p.
 * @param kernelSize - The size of the window.
 * @param options - `stride` (the kernel size unless said), `ceilMode`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LPPool1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new LPPool1d(1, 2).forward(ones([1, 1, 4])).tolistSync(), [[[2, 2]]]);
 */
export class LPPool1d extends LPPool {
  override forward(input: Tensor): Tensor {
    return lpPool1d(input, this.normType, this.kernelSize, this);
  }
}

/**
 * y = (sum of x^p over each window)^(1/p), for images.
 *
 * @param normType - p.
 * @param kernelSize - The size of the window: one number for both dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `ceilMode`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LPPool2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new LPPool2d(1, 2).forward(ones([1, 1, 2, 2])).itemSync(), 4);
 */
export class LPPool2d extends LPPool {
  override forward(input: Tensor): Tensor {
    return lpPool2d(input, this.normType, this.kernelSize, this);
  }
}

/**
 * y = (sum of x^p over each window)^(1/p), for volumes.
 *
 * @param normType - p.
 * @param kernelSize - The size of the window: one number for all dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `ceilMode`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LPPool3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new LPPool3d(1, 2).forward(ones([1, 1, 2, 2, 2])).itemSync(), 8);
 */
export class LPPool3d extends LPPool {
  override forward(input: Tensor): Tensor {
    return lpPool3d(input, this.normType, this.kernelSize, this);
  }
}
