// Pooling layers over 1 to 3 spatial dims.
import {
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type OutputSizes,
  type Sizes,
  type Tensor,
} from "@tead/tensor";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";

type AvgPoolFunction = (input: Tensor, kernelSize: Sizes, options: AvgPoolOptions) => Tensor;

abstract class AvgPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | undefined;
  private readonly run: AvgPoolFunction;

  constructor(run: AvgPoolFunction, kernelSize: Sizes, options: AvgPoolOptions) {
    super();
    this.run = run;
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.ceilMode = options.ceilMode ?? false;
    this.countIncludePad = options.countIncludePad ?? true;
    this.divisorOverride = options.divisorOverride;
  }
  override forward(input: Tensor): Tensor {
    return this.run(input, this.kernelSize, this);
  }
  /** What the printout shows between the brackets. */
  override extraRepr(): string {
    return describeWindow(this);
  }
}

interface WindowSizes {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
}
const describeWindow = ({ kernelSize, stride, padding }: WindowSizes): string =>
  `kernel_size=${pyValue(kernelSize)}, stride=${pyValue(stride)}, padding=${pyValue(padding)}`;

abstract class AdaptiveAvgPool extends Module {
  readonly outputSize: OutputSizes;
  private readonly run: (input: Tensor, outputSize: OutputSizes) => Tensor;

  constructor(run: (input: Tensor, outputSize: OutputSizes) => Tensor, outputSize: OutputSizes) {
    super();
    this.run = run;
    this.outputSize = outputSize;
  }
  override forward(input: Tensor): Tensor {
    return this.run(input, this.outputSize);
  }
  /** What the printout shows between the brackets. */
  override extraRepr(): string {
    return `output_size=${describeSizes(this.outputSize)}`;
  }
}

const describeSizes = (sizes: OutputSizes): string =>
  typeof sizes === "number" ? pyValue(sizes) : `(${sizes.map(pyValue).join(", ")})`;

/**
 * The average of each window of sequences; see `functional.avgPool1d`.
 *
 * **Shapes**: `input [N, C, L]` or `[C, L] -> [N, C, L_out]` or without `N`.
 *
 * @param kernelSize - The size of the window.
 * @param options - `stride` (the kernel size unless said), `padding`, `ceilMode`,
 * `countIncludePad`, `divisorOverride`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AvgPool1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AvgPool1d(2).forward(ones([1, 1, 8])).shape, [1, 1, 4]);
 */
export class AvgPool1d extends AvgPool {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(avgPool1d, kernelSize, options);
  }
  /** What the printout shows between the brackets. */
  override extraRepr(): string {
    const [kernelSize, stride, padding] = [this.kernelSize, this.stride, this.padding].map(single);
    return describeWindow({ kernelSize, stride, padding } as WindowSizes);
  }
}

/**
 * The average of each window of images; see `functional.avgPool2d`.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W] -> [N, C, H_out, W_out]` or without `N`.
 *
 * @param kernelSize - The size of the window: one number for all dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `padding`, `ceilMode`,
 * `countIncludePad`, `divisorOverride`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AvgPool2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AvgPool2d(2).forward(ones([1, 1, 8, 6])).shape, [1, 1, 4, 3]);
 */
export class AvgPool2d extends AvgPool {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(avgPool2d, kernelSize, options);
  }
}

/**
 * The average of each window of volumes; see `functional.avgPool3d`.
 *
 * **Shapes**: `input [N, C, D, H, W]` or `[C, D, H, W] -> [N, C, D_out, H_out, W_out]` or without
 * `N`.
 *
 * @param kernelSize - The size of the window: one number for all dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `padding`, `ceilMode`,
 * `countIncludePad`, `divisorOverride`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AvgPool3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AvgPool3d(2).forward(ones([1, 1, 4, 4, 6])).shape, [1, 1, 2, 2, 3]);
 */
export class AvgPool3d extends AvgPool {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(avgPool3d, kernelSize, options);
  }
}

const single = (size: Sizes): Sizes => (typeof size === "number" ? [size] : size);

/**
 * The averages of sequences at a given size; see `functional.adaptiveAvgPool1d`.
 *
 * **Shapes**: `input [N, C, L]` or `[C, L] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param outputSize - The output's size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdaptiveAvgPool1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AdaptiveAvgPool1d(3).forward(ones([1, 2, 7])).shape, [1, 2, 3]);
 */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSizes) {
    super(adaptiveAvgPool1d, outputSize);
  }
}

/**
 * The averages of images at a given size; see `functional.adaptiveAvgPool2d`.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param outputSize - The output's sizes: one number for all dims, or one for each; `undefined`
 * keeps a size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdaptiveAvgPool2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AdaptiveAvgPool2d(3).forward(ones([1, 2, 7, 5])).shape, [1, 2, 3, 3]);
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSizes) {
    super(adaptiveAvgPool2d, outputSize);
  }
}

/**
 * The averages of volumes at a given size; see `functional.adaptiveAvgPool3d`.
 *
 * **Shapes**: `input [N, C, D, H, W]` or `[C, D, H, W] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param outputSize - The output's sizes: one number for all dims, or one for each; `undefined`
 * keeps a size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdaptiveAvgPool3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AdaptiveAvgPool3d(3).forward(ones([1, 2, 7, 5, 4])).shape, [1, 2, 3, 3, 3]);
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSizes) {
    super(adaptiveAvgPool3d, outputSize);
  }
}
