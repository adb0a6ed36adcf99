// Convolutions over 1 to 3 spatial dims.
import { conv1d, conv2d, conv3d, empty, pad, type Sizes, type Tensor } from "@tead/tensor";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory, perDim } from "./factory.ts";
import { resetWeightAndBias } from "./linear.ts";

/** What a convolution pads with. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/**
 * Options of {@link Conv1d}, {@link Conv2d} and {@link Conv3d}: one number for all spatial dims, or
 * one for each.
 */
export interface ConvLayerOptions extends FactoryOptions {
  /** How far the kernel moves. Default 1. */
  readonly stride?: Sizes;
  /** How much to pad on both sides, "valid" for nothing or "same" to keep the size. Default 0. */
  readonly padding?: Sizes | "same" | "valid";
  /** The distance between kernel elements. Default 1. */
  readonly dilation?: Sizes;
  /** Into how many independent convolutions the channels are split. Default 1. */
  readonly groups?: number;
  /** Whether to add a bias. Default true. */
  readonly bias?: boolean;
  /** What to pad with. Default "zeros". */
  readonly paddingMode?: PaddingMode;
}

const functions = [conv1d, conv2d, conv3d] as const;

/** What the convolutions share. */
abstract class Conv extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "same" | "valid";
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | undefined;

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvLayerOptions,
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    const name = `Conv${rank}d`;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = perDim(name, "kernelSize", kernelSize, rank, 1);
    this.stride = perDim(name, "stride", stride, rank, 1);
    this.padding =
      typeof padding === "string" ? padding : perDim(name, "padding", padding, rank, 0);
    this.dilation = perDim(name, "dilation", dilation, rank, 1);
    this.groups = groups;
    this.paddingMode = options.paddingMode ?? "zeros";
    this.check(name);
    const shape = [outChannels, inChannels / groups, ...this.kernelSize];
    this.weight = new Parameter(empty(shape, factory(options)));
    this.bias = bias ? new Parameter(empty([outChannels], factory(options))) : undefined;
    this.resetParameters();
  }

  private check(name: string): void {
    const { inChannels, outChannels, groups, padding, paddingMode } = this;
    checkSize(name, "inChannels", inChannels, 1);
    checkSize(name, "outChannels", outChannels, 1);
    checkSize(name, "groups", groups, 1);
    const refuse = (option: string, expected: string, received: unknown): never => {
      throw new RangeError(
        `${name}: Option ${option} is not valid: expected ${expected}, received ${received}`,
      );
    };
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      refuse("groups", `a divisor of ${inChannels} and ${outChannels} channels`, groups);
    if (typeof padding === "string" && padding !== "same" && padding !== "valid")
      refuse("padding", 'integers, "same" or "valid"', padding);
    if (padding === "same" && this.stride.some((s) => s !== 1))
      refuse("padding", "integers where stride is not 1", '"same"');
    if (!["zeros", "reflect", "replicate", "circular"].includes(paddingMode))
      refuse("paddingMode", '"zeros", "reflect", "replicate" or "circular"', paddingMode);
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    resetWeightAndBias(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    const { stride, padding, dilation, groups, paddingMode } = this;
    const run = functions[this.kernelSize.length - 1] as typeof conv2d;
    const rest = { stride, dilation, groups };
    if (paddingMode === "zeros") return run(input, this.weight, this.bias, { ...rest, padding });
    const padded = pad(input, this.paddingOfEachSide(), { mode: paddingMode });
    return run(padded, this.weight, this.bias, rest);
  }

  /** As `pad()` takes it: left and right of the last dim, then of the one before it. */
  private paddingOfEachSide(): number[] {
    const { padding, kernelSize, dilation } = this;
    return kernelSize
      .map((size, i): readonly [number, number] => {
        if (padding === "valid") return [0, 0];
        if (padding !== "same") return [padding[i] as number, padding[i] as number];
        const total = (dilation[i] as number) * (size - 1);
        return [Math.floor(total / 2), Math.ceil(total / 2)];
      })
      .reverse()
      .flat();
  }

  override extraRepr(): string {
    const { padding, dilation, groups } = this;
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${pyValue(this.kernelSize)}`,
      `stride=${pyValue(this.stride)}`,
    ];
    if (typeof padding === "string" || padding.some((p) => p !== 0))
      parts.push(`padding=${pyValue(padding)}`);
    if (dilation.some((d) => d !== 1)) parts.push(`dilation=${pyValue(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === undefined) parts.push("bias=False");
    if (this.paddingMode !== "zeros") parts.push(`padding_mode=${this.paddingMode}`);
    return parts.join(", ");
  }
}

/**
 * Convolves sequences with learned kernels; see `functional.conv1d` for the formula.
 *
 * **Shapes**: `input [N, C_in, L]` or `[C_in, L] -> [N, C_out, L_out]` or `[C_out, L_out]`.
 *
 * @param inChannels - Channels of the input.
 * @param outChannels - Channels of the output.
 * @param kernelSize - Elements of the kernel.
 * @throws RangeError if a size or an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Conv1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Conv1d(2, 4, 3).forward(ones([1, 2, 8])).shape, [1, 4, 6]);
 */
export class Conv1d extends Conv {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvLayerOptions = {},
  ) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * Convolves images with learned kernels; see `functional.conv2d` for the formula.
 *
 * **Shapes**: `input [N, C_in, H, W]` or `[C_in, H, W] -> [N, C_out, H_out, W_out]` or `[C_out,
 * H_out, W_out]`.
 *
 * @param inChannels - Channels of the input.
 * @param outChannels - Channels of the output.
 * @param kernelSize - Height and width of the kernel: one number for both, or two.
 * @throws RangeError if a size or an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Conv2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new Conv2d(3, 16, 3, { padding: 1 });
 * assert.deepEqual(layer.forward(ones([8, 3, 32, 32])).shape, [8, 16, 32, 32]);
 */
export class Conv2d extends Conv {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvLayerOptions = {},
  ) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * Convolves volumes with learned kernels; see `functional.conv3d` for the formula.
 *
 * **Shapes**: `input [N, C_in, D, H, W]` or without `N -> [N, C_out, D_out, H_out, W_out]`.
 *
 * @param inChannels - Channels of the input.
 * @param outChannels - Channels of the output.
 * @param kernelSize - Depth, height and width of the kernel: one number for all, or three.
 * @throws RangeError if a size or an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Conv3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Conv3d(1, 2, 3).forward(ones([1, 1, 5, 4, 3])).shape, [1, 2, 3, 2, 1]);
 */
export class Conv3d extends Conv {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvLayerOptions = {},
  ) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
