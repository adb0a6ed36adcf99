// Max pooling layers over 1 to 3 spatial dims.
import {
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3dWithIndices,
  type MaxPoolOptions,
  maxPool1dWithIndices,
  maxPool2dWithIndices,
  maxPool3dWithIndices,
  type OutputSizes,
  type Sizes,
  type Tensor,
  type ValuesAndIndices,
} from "@tead/tensor";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";

interface IndicesOption<I extends boolean> {
  /** Whether `forward` gives the positions too. Default false. */
  readonly returnIndices?: I;
}
/** What a max pooling layer's `forward` gives. */
export type MaxPoolOutput<I extends boolean> = I extends true ? ValuesAndIndices : Tensor;
/** Options of the max pooling layers. */
export type MaxPoolLayerOptions<I extends boolean = boolean> = MaxPoolOptions & IndicesOption<I>;

type Pool<S, O> = (input: Tensor, size: S, options: O) => ValuesAndIndices;

abstract class MaxPool<I extends boolean> extends Module<[input: Tensor], MaxPoolOutput<I>> {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly ceilMode: boolean;
  readonly returnIndices: boolean;
  private readonly run: Pool<Sizes, MaxPoolOptions>;

  constructor(
    run: Pool<Sizes, MaxPoolOptions>,
    kernelSize: Sizes,
    options: MaxPoolLayerOptions<I>,
  ) {
    super();
    this.run = run;
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.dilation = options.dilation ?? 1;
    this.ceilMode = options.ceilMode ?? false;
    this.returnIndices = options.returnIndices ?? false;
  }
  override forward(input: Tensor): MaxPoolOutput<I> {
    return outputOf(this.run(input, this.kernelSize, this), this.returnIndices);
  }
  override extraRepr(): string {
    return [
      `kernel_size=${pyValue(this.kernelSize)}`,
      `stride=${pyValue(this.stride)}`,
      `padding=${pyValue(this.padding)}`,
      `dilation=${pyValue(this.dilation)}`,
      `ceil_mode=${pyValue(this.ceilMode)}`,
    ].join(", ");
  }
}

abstract class AdaptiveMaxPool<I extends boolean> extends Module<
  [input: Tensor],
  MaxPoolOutput<I>
> {
  readonly outputSize: OutputSizes;
  readonly returnIndices: boolean;
  private readonly run: (input: Tensor, outputSize: OutputSizes) => ValuesAndIndices;

  constructor(
    run: (input: Tensor, outputSize: OutputSizes) => ValuesAndIndices,
    outputSize: OutputSizes,
    { returnIndices }: IndicesOption<I>,
  ) {
    super();
    this.run = run;
    this.outputSize = outputSize;
    this.returnIndices = returnIndices ?? false;
  }
  override forward(input: Tensor): MaxPoolOutput<I> {
    return outputOf(this.run(input, this.outputSize), this.returnIndices);
  }
  override extraRepr(): string {
    const { outputSize } = this;
    const sizes = typeof outputSize === "number" ? [outputSize] : outputSize;
    const text = sizes.map(pyValue).join(", ");
    return `output_size=${typeof outputSize === "number" ? text : `(${text})`}`;
  }
}

const outputOf = <I extends boolean>(both: ValuesAndIndices, indices: boolean): MaxPoolOutput<I> =>
  (indices ? both : both.values) as MaxPoolOutput<I>;

/**
 * The largest element of each window of sequences; see `functional.maxPool1d`.
 *
 * **Shapes**: `input [N, C, L]` or `[C, L] -> [N, C, L_out]` or without `N`.
 *
 * @param kernelSize - The size of the window.
 * @param options - `stride` (the kernel size unless said), `padding`, `dilation`, `ceilMode`,
 * `returnIndices`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MaxPool1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new MaxPool1d(2).forward(ones([1, 1, 8])).shape, [1, 1, 4]);
 */
export class MaxPool1d<I extends boolean = false> extends MaxPool<I> {
  constructor(kernelSize: Sizes, options: MaxPoolLayerOptions<I> = {}) {
    super(maxPool1dWithIndices, kernelSize, options);
  }
}

/**
 * The largest element of each window of images; see `functional.maxPool2d`.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W] -> [N, C, H_out, W_out]` or without `N`.
 *
 * @param kernelSize - The size of the window: one number for all dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `padding`, `dilation`, `ceilMode`,
 * `returnIndices`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MaxPool2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new MaxPool2d(2).forward(ones([1, 1, 8, 6])).shape, [1, 1, 4, 3]);
 */
export class MaxPool2d<I extends boolean = false> extends MaxPool<I> {
  constructor(kernelSize: Sizes, options: MaxPoolLayerOptions<I> = {}) {
    super(maxPool2dWithIndices, kernelSize, options);
  }
}

/**
 * The largest element of each window of volumes; see `functional.maxPool3d`.
 *
 * **Shapes**: `input [N, C, D, H, W]` or `[C, D, H, W] -> [N, C, D_out, H_out, W_out]` or without
 * `N`.
 *
 * @param kernelSize - The size of the window: one number for all dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `padding`, `dilation`, `ceilMode`,
 * `returnIndices`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MaxPool3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new MaxPool3d(2).forward(ones([1, 1, 4, 4, 6])).shape, [1, 1, 2, 2, 3]);
 */
export class MaxPool3d<I extends boolean = false> extends MaxPool<I> {
  constructor(kernelSize: Sizes, options: MaxPoolLayerOptions<I> = {}) {
    super(maxPool3dWithIndices, kernelSize, options);
  }
}

/**
 * The maxima of sequences at a given size; see `functional.adaptiveMaxPool1d`.
 *
 * **Shapes**: `input [N, C, L]` or `[C, L] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param outputSize - The output's size.
 * @param options - `returnIndices`: whether `forward` gives the positions too.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdaptiveMaxPool1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AdaptiveMaxPool1d(3).forward(ones([1, 2, 7])).shape, [1, 2, 3]);
 */
export class AdaptiveMaxPool1d<I extends boolean = false> extends AdaptiveMaxPool<I> {
  constructor(outputSize: OutputSizes, options: IndicesOption<I> = {}) {
    super(adaptiveMaxPool1dWithIndices, outputSize, options);
  }
}

/**
 * The maxima of images at a given size; see `functional.adaptiveMaxPool2d`.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param outputSize - The output's sizes: one number for all dims, or one for each; `undefined`
 * keeps a size.
 * @param options - `returnIndices`: whether `forward` gives the positions too.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdaptiveMaxPool2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AdaptiveMaxPool2d(3).forward(ones([1, 2, 7, 5])).shape, [1, 2, 3, 3]);
 */
export class AdaptiveMaxPool2d<I extends boolean = false> extends AdaptiveMaxPool<I> {
  constructor(outputSize: OutputSizes, options: IndicesOption<I> = {}) {
    super(adaptiveMaxPool2dWithIndices, outputSize, options);
  }
}

/**
 * The maxima of volumes at a given size; see `functional.adaptiveMaxPool3d`.
 *
 * **Shapes**: `input [N, C, D, H, W]` or `[C, D, H, W] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param outputSize - The output's sizes: one number for all dims, or one for each; `undefined`
 * keeps a size.
 * @param options - `returnIndices`: whether `forward` gives the positions too.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdaptiveMaxPool3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new AdaptiveMaxPool3d(3).forward(ones([1, 2, 7, 5, 4])).shape, [1, 2, 3, 3, 3]);
 */
export class AdaptiveMaxPool3d<I extends boolean = false> extends AdaptiveMaxPool<I> {
  constructor(outputSize: OutputSizes, options: IndicesOption<I> = {}) {
    super(adaptiveMaxPool3dWithIndices, outputSize, options);
  }
}
