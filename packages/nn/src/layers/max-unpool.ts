// Layers that undo max pooling.
import type { Sizes, Tensor } from "@tead/tensor";
import {
  type MaxUnpoolOptions,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
} from "../functional/max-unpool.ts";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { perDim } from "./factory.ts";

/** Options of the unpooling layers. */
export type MaxUnpoolLayerOptions = Omit<MaxUnpoolOptions, "outputSize">;
/** What an unpooling layer's `forward` takes. */
export type MaxUnpoolArgs = [
  input: Tensor,
  indices: Tensor,
  options?: Pick<MaxUnpoolOptions, "outputSize">,
];

abstract class MaxUnpool extends Module<MaxUnpoolArgs> {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];

  constructor(rank: number, kernelSize: Sizes, options: MaxUnpoolLayerOptions) {
    super();
    const { stride = kernelSize, padding = 0 } = options;
    const name = `MaxUnpool${rank}d`;
    this.kernelSize = perDim(name, "kernelSize", kernelSize, rank, 1);
    this.stride = perDim(name, "stride", stride, rank, 1);
    this.padding = perDim(name, "padding", padding, rank, 0);
  }
  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${pyValue(kernelSize)}, stride=${pyValue(stride)}, padding=${pyValue(padding)}`;
  }
}

/**
 * Values back to where `MaxPool1d` found them, zeros elsewhere: `functional.maxUnpool1d` as a layer.
 *
 * **Shapes**: `input`, `indices [N, C, L]` or `[C, L] -> [N, C, L_out]` or `[C, L_out]`.
 *
 * @param kernelSize - The size of the window.
 * @param options - `stride` (the kernel size unless said), `padding`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MaxPool1d, MaxUnpool1d } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const pool = new MaxPool1d(2, { returnIndices: true });
 * const { values, indices } = pool.forward(tensor([[1, 5, 7]]).float());
 * const options = { outputSize: [3] };
 * const y = new MaxUnpool1d(2).forward(values, indices, options);
 * assert.deepEqual(y.tolistSync(), [[0, 5, 0]]);
 */
export class MaxUnpool1d extends MaxUnpool {
  constructor(kernelSize: Sizes, options: MaxUnpoolLayerOptions = {}) {
    super(1, kernelSize, options);
  }
  override forward(...[input, indices, options]: MaxUnpoolArgs): Tensor {
    return maxUnpool1d(input, indices, this.kernelSize, { ...this, ...options });
  }
}

/**
 * Values back to where `MaxPool2d` found them, zeros elsewhere: `functional.maxUnpool2d` as a layer.
 *
 * **Shapes**: `input`, `indices [N, C, H, W]` or `[C, H, W]`, the spatial dims as before pooling.
 *
 * @param kernelSize - The size of the window: one number for both dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `padding`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MaxPool2d, MaxUnpool2d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const pool = new MaxPool2d(2, { returnIndices: true });
 * const { values, indices } = pool.forward(randn([1, 3, 4, 6]));
 * assert.deepEqual(new MaxUnpool2d(2).forward(values, indices).shape, [1, 3, 4, 6]);
 */
export class MaxUnpool2d extends MaxUnpool {
  constructor(kernelSize: Sizes, options: MaxUnpoolLayerOptions = {}) {
    super(2, kernelSize, options);
  }
  override forward(...[input, indices, options]: MaxUnpoolArgs): Tensor {
    return maxUnpool2d(input, indices, this.kernelSize, { ...this, ...options });
  }
}

/**
 * Values back to where `MaxPool3d` found them, zeros elsewhere: `functional.maxUnpool3d` as a layer.
 *
 * **Shapes**: `input`, `indices [N, C, D, H, W]` or without `N`, the spatial dims as before pooling.
 *
 * @param kernelSize - The size of the window: one number for all dims, or one for each.
 * @param options - `stride` (the kernel size unless said), `padding`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MaxPool3d, MaxUnpool3d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const pool = new MaxPool3d(2, { returnIndices: true });
 * const { values, indices } = pool.forward(randn([1, 2, 4, 4, 6]));
 * assert.deepEqual(new MaxUnpool3d(2).forward(values, indices).shape, [1, 2, 4, 4, 6]);
 */
export class MaxUnpool3d extends MaxUnpool {
  constructor(kernelSize: Sizes, options: MaxUnpoolLayerOptions = {}) {
    super(3, kernelSize, options);
  }
  override forward(...[input, indices, options]: MaxUnpoolArgs): Tensor {
    return maxUnpool3d(input, indices, this.kernelSize, { ...this, ...options });
  }
}
