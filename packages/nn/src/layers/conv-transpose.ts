// Transposed convolutions over 1 to 3 spatial dims.
import {
  type ConvTransposeOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  empty,
  type Sizes,
  type Tensor,
} from "@tead/tensor";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory, perDim } from "./factory.ts";
import { resetWeightAndBias } from "./linear.ts";

/** Options of the transposed convolutions: one number for all spatial dims, or one for each. */
export interface ConvTransposeLayerOptions extends ConvTransposeOptions, FactoryOptions {
  /** Whether to add a bias. Default true. */
  readonly bias?: boolean;
}

const functions = [convTranspose1d, convTranspose2d, convTranspose3d] as const;

abstract class ConvTranspose extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  weight: Parameter;
  bias: Parameter | undefined;

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeLayerOptions,
  ) {
    super();
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
    const name = `ConvTranspose${rank}d`;
    checkSize(name, "inChannels", inChannels, 1);
    checkSize(name, "outChannels", outChannels, 1);
    checkSize(name, "groups", groups, 1);
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new RangeError(
        `${name}: Option groups is not valid: expected a divisor of ${inChannels} and ${outChannels} ` +
          `channels, received ${groups}`,
      );
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = perDim(name, "kernelSize", kernelSize, rank, 1);
    this.stride = perDim(name, "stride", stride, rank, 1);
    this.padding = perDim(name, "padding", padding, rank, 0);
    this.outputPadding = perDim(name, "outputPadding", outputPadding, rank, 0);
    this.dilation = perDim(name, "dilation", dilation, rank, 1);
    this.groups = groups;
    const shape = [inChannels, outChannels / groups, ...this.kernelSize];
    const { bias = true } = options;
    this.weight = new Parameter(empty(shape, factory(options)));
    this.bias = bias ? new Parameter(empty([outChannels], factory(options))) : undefined;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    resetWeightAndBias(this.weight, this.bias);
  }
  override forward(input: Tensor): Tensor {
    const { stride, padding, outputPadding, dilation, groups } = this;
    const run = functions[this.kernelSize.length - 1] as typeof convTranspose2d;
    const options = { stride, padding, outputPadding, dilation, groups };
    return run(input, this.weight, this.bias, options);
  }

  override extraRepr(): string {
    const { padding, outputPadding, dilation, groups } = this;
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${pyValue(this.kernelSize)}`,
      `stride=${pyValue(this.stride)}`,
    ];
    if (padding.some((p) => p !== 0)) parts.push(`padding=${pyValue(padding)}`);
    if (dilation.some((d) => d !== 1)) parts.push(`dilation=${pyValue(dilation)}`);
    if (outputPadding.some((p) => p !== 0)) parts.push(`output_padding=${pyValue(outputPadding)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === undefined) parts.push("bias=False");
    return parts.join(", ");
  }
}

/**
 * The transposed convolution of sequences with learned kernels; see `functional.convTranspose1d`
 * for the formula.
 *
 * **Shapes**: `input [N, C_in, L]` or without `N -> [N, C_out, ...]`, `weight [C_in, C_out /
 * groups, ...kernelSize]`.
 *
 * @param inChannels - Channels of the input.
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel.
 * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `device`,
 * `dtype`.
 * @throws RangeError if a size or an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConvTranspose1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new ConvTranspose1d(2, 3, 2, { stride: 2 });
 * assert.deepEqual(layer.forward(ones([1, 2, 4])).shape, [1, 3, 8]);
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * The transposed convolution of images with learned kernels; see `functional.convTranspose2d` for
 * the formula.
 *
 * **Shapes**: `input [N, C_in, H, W]` or without `N -> [N, C_out, ...]`, `weight [C_in, C_out /
 * groups, ...kernelSize]`.
 *
 * @param inChannels - Channels of the input.
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel: one number for all dims, or one for each.
 * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `device`,
 * `dtype`.
 * @throws RangeError if a size or an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConvTranspose2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new ConvTranspose2d(2, 3, 2, { stride: 2 });
 * assert.deepEqual(layer.forward(ones([1, 2, 4, 3])).shape, [1, 3, 8, 6]);
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * The transposed convolution of volumes with learned kernels; see `functional.convTranspose3d` for
 * the formula.
 *
 * **Shapes**: `input [N, C_in, D, H, W]` or without `N -> [N, C_out, ...]`, `weight [C_in, C_out /
 * groups, ...kernelSize]`.
 *
 * @param inChannels - Channels of the input.
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel: one number for all dims, or one for each.
 * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `device`,
 * `dtype`.
 * @throws RangeError if a size or an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConvTranspose3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new ConvTranspose3d(2, 3, 2, { stride: 2 });
 * assert.deepEqual(layer.forward(ones([1, 2, 4, 3, 2])).shape, [1, 3, 8, 6, 4]);
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
