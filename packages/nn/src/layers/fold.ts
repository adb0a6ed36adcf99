// Layers between images and columns of blocks.
import type { Sizes, Tensor } from "@tead/tensor";
import { type FoldOptions, fold, unfold } from "../functional/fold.ts";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";

abstract class Blocks extends Module {
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;

  constructor(kernelSize: Sizes, { dilation = 1, padding = 0, stride = 1 }: FoldOptions) {
    super();
    this.kernelSize = kernelSize;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }
  /** The options in the printout, as PyTorch writes them. */
  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return (
      `kernel_size=${pyValue(kernelSize)}, dilation=${pyValue(dilation)}, ` +
      `padding=${pyValue(padding)}, stride=${pyValue(stride)}`
    );
  }
}

/**
 * Every block of an image as a column: `functional.unfold` as a layer.
 *
 * **Shapes**: `input [N, C, H, W] -> [N, C * kernel elements, blocks]`, or both without `N`.
 *
 * @param kernelSize - The size of a block: one number for both dims, or one for each.
 * @param options - `dilation`, `padding`, `stride`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Unfold } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Unfold([2, 3]).forward(ones([2, 5, 3, 4])).shape, [2, 30, 4]);
 */
export class Unfold extends Blocks {
  constructor(kernelSize: Sizes, options: FoldOptions = {}) {
    super(kernelSize, options);
  }
  override forward(input: Tensor): Tensor {
    return unfold(input, this.kernelSize, this);
  }
}

/**
 * Columns back to an image, overlapping blocks added: `functional.fold` as a layer.
 *
 * **Shapes**: `input [N, C * kernel elements, blocks] -> [N, C, H, W]`, or both without `N`.
 *
 * @param outputSize - Height and width of the image: one number for both, or two.
 * @param kernelSize - The size of a block: one number for both dims, or one for each.
 * @param options - `dilation`, `padding`, `stride`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Fold } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Fold([4, 5], [2, 2]).forward(ones([1, 12, 12])).shape, [1, 3, 4, 5]);
 */
export class Fold extends Blocks {
  readonly outputSize: Sizes;

  constructor(outputSize: Sizes, kernelSize: Sizes, options: FoldOptions = {}) {
    super(kernelSize, options);
    this.outputSize = outputSize;
  }
  override forward(input: Tensor): Tensor {
    return fold(input, this.outputSize, this.kernelSize, this);
  }
  /** The options in the printout, as PyTorch writes them. */
  override extraRepr(): string {
    return `output_size=${pyValue(this.outputSize)}, ${super.extraRepr()}`;
  }
}
