// Lazy convolutions: they take the number of their channels from the first input.
import { ShapeError, type Sizes, type Tensor } from "@tead/tensor";
import type { AnyModule } from "../module/module.ts";
import { UninitializedParameter } from "../uninitialized.ts";
import { Conv1d, Conv2d, Conv3d, type ConvLayerOptions } from "./conv.ts";
import {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from "./conv-transpose.ts";
import { become } from "./lazy.ts";

type AnyConv = Conv1d | Conv2d | Conv3d | ConvTranspose1d | ConvTranspose2d | ConvTranspose3d;
type Options = ConvLayerOptions | ConvTransposeLayerOptions;

/** Takes back the channels that a convolution was constructed with. */
function makeLazy(layer: AnyConv, options: Options): void {
  Object.assign(layer, {
    inChannels: 0,
    weight: new UninitializedParameter(options),
    bias: options.bias === false ? undefined : new UninitializedParameter(options),
  });
}

function becomeConv(layer: AnyConv, prototype: object, input: Tensor, transposed: boolean): void {
  const { outChannels, kernelSize, groups } = layer;
  const rank = kernelSize.length;
  const { shape, dtype } = input;
  if (shape.length !== rank + 1 && shape.length !== rank + 2)
    throw new ShapeError(
      `Input has the wrong rank: expected ${rank + 1} or ${rank + 2} dims, received ${shape.length}`,
      { op: layer.constructor.name, operands: [{ name: "input", shape, dtype }] },
    );
  const inChannels = shape.at(-1 - rank) as number;
  if (inChannels % groups !== 0)
    throw new ShapeError(
      `Channels do not divide: expected a multiple of ${groups} groups, received ${inChannels}`,
      { op: layer.constructor.name, operands: [{ name: "input", shape, dtype }] },
    );
  const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
  become(layer as AnyModule & AnyConv, {
    prototype,
    fields: { inChannels },
    shapeOf: (key) => (key === "weight" ? [first, second / groups, ...kernelSize] : [outChannels]),
  });
}

/**
 * `Conv1d` whose `inChannels` is that of its first input; it then becomes one.
 *
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel.
 * @param options - `stride`, `padding`, `dilation`, `groups`, `bias`, `paddingMode`, `device`,
 * `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv1d.html
 */
export class LazyConv1d extends Conv1d {
  constructor(outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(options.groups ?? 1, outChannels, kernelSize, { ...options, bias: false });
    makeLazy(this, options);
  }
  /** Nothing is drawn before there is a shape. */
  override resetParameters(): void {}
  override forward(input: Tensor): Tensor {
    becomeConv(this, Conv1d.prototype, input, false);
    return super.forward(input);
  }
}

/**
 * `Conv2d` whose `inChannels` is that of its first input; it then becomes one.
 *
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel.
 * @param options - `stride`, `padding`, `dilation`, `groups`, `bias`, `paddingMode`, `device`,
 * `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LazyConv2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new LazyConv2d(8, 3);
 * layer.forward(ones([1, 3, 5, 5]));
 * assert.equal(String(layer), "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))");
 */
export class LazyConv2d extends Conv2d {
  constructor(outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(options.groups ?? 1, outChannels, kernelSize, { ...options, bias: false });
    makeLazy(this, options);
  }
  /** Nothing is drawn before there is a shape. */
  override resetParameters(): void {}
  override forward(input: Tensor): Tensor {
    becomeConv(this, Conv2d.prototype, input, false);
    return super.forward(input);
  }
}

/**
 * `Conv3d` whose `inChannels` is that of its first input; it then becomes one.
 *
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel.
 * @param options - `stride`, `padding`, `dilation`, `groups`, `bias`, `paddingMode`, `device`,
 * `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv3d.html
 */
export class LazyConv3d extends Conv3d {
  constructor(outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(options.groups ?? 1, outChannels, kernelSize, { ...options, bias: false });
    makeLazy(this, options);
  }
  /** Nothing is drawn before there is a shape. */
  override resetParameters(): void {}
  override forward(input: Tensor): Tensor {
    becomeConv(this, Conv3d.prototype, input, false);
    return super.forward(input);
  }
}

/**
 * `ConvTranspose1d` whose `inChannels` is that of its first input; it then becomes one.
 *
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel.
 * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `device`,
 * `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose1d.html
 */
export class LazyConvTranspose1d extends ConvTranspose1d {
  constructor(outChannels: number, kernelSize: Sizes, options: ConvTransposeLayerOptions = {}) {
    super(options.groups ?? 1, outChannels, kernelSize, { ...options, bias: false });
    makeLazy(this, options);
  }
  /** Nothing is drawn before there is a shape. */
  override resetParameters(): void {}
  override forward(input: Tensor): Tensor {
    becomeConv(this, ConvTranspose1d.prototype, input, true);
    return super.forward(input);
  }
}

/**
 * `ConvTranspose2d` whose `inChannels` is that of its first input; it then becomes one.
 *
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel.
 * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `device`,
 * `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose2d.html
 */
export class LazyConvTranspose2d extends ConvTranspose2d {
  constructor(outChannels: number, kernelSize: Sizes, options: ConvTransposeLayerOptions = {}) {
    super(options.groups ?? 1, outChannels, kernelSize, { ...options, bias: false });
    makeLazy(this, options);
  }
  /** Nothing is drawn before there is a shape. */
  override resetParameters(): void {}
  override forward(input: Tensor): Tensor {
    becomeConv(this, ConvTranspose2d.prototype, input, true);
    return super.forward(input);
  }
}

/**
 * `ConvTranspose3d` whose `inChannels` is that of its first input; it then becomes one.
 *
 * @param outChannels - Channels of the output.
 * @param kernelSize - The size of the kernel.
 * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `device`,
 * `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose3d.html
 */
export class LazyConvTranspose3d extends ConvTranspose3d {
  constructor(outChannels: number, kernelSize: Sizes, options: ConvTransposeLayerOptions = {}) {
    super(options.groups ?? 1, outChannels, kernelSize, { ...options, bias: false });
    makeLazy(this, options);
  }
  /** Nothing is drawn before there is a shape. */
  override resetParameters(): void {}
  override forward(input: Tensor): Tensor {
    becomeConv(this, ConvTranspose3d.prototype, input, true);
    return super.forward(input);
  }
}
