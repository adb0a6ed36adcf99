// Max pooling layers over windows at drawn places.
import type { Sizes, Tensor, ValuesAndIndices } from "@tead/tensor";
import {
  type FractionalMaxPoolOptions,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3dWithIndices,
} from "../functional/fractional-max-pool.ts";
import { Module } from "../module/module.ts";
import { buffer, type ModuleBuffer } from "../parameter.ts";
import { perDim } from "./factory.ts";
import type { MaxPoolOutput } from "./max-pool.ts";

/** Options of the fractional max pooling layers: `outputSize` or `outputRatio`. */
export interface FractionalMaxPoolLayerOptions<I extends boolean = boolean>
  extends Omit<FractionalMaxPoolOptions, "generator"> {
  /** Whether `forward` gives the positions too. Default false. */
  readonly returnIndices?: I;
}

type Pool = (input: Tensor, size: Sizes, options: FractionalMaxPoolOptions) => ValuesAndIndices;

abstract class FractionalMaxPool<I extends boolean> extends Module<
  [input: Tensor],
  MaxPoolOutput<I>
> {
  static override readonly stateKeys: Readonly<Record<string, string>> = {
    randomSamples: "_random_samples",
  };
  readonly kernelSize: readonly number[];
  readonly outputSize: Sizes | undefined;
  readonly outputRatio: Sizes | undefined;
  readonly randomSamples: ModuleBuffer | undefined;
  readonly returnIndices: boolean;

  constructor(rank: number, kernelSize: Sizes, options: FractionalMaxPoolLayerOptions<I>) {
    super();
    const name = `FractionalMaxPool${rank}d`;
    this.kernelSize = perDim(name, "kernelSize", kernelSize, rank, 1);
    this.outputSize = options.outputSize;
    this.outputRatio = options.outputRatio;
    this.randomSamples = options.randomSamples && buffer(options.randomSamples);
    this.returnIndices = options.returnIndices ?? false;
    if ((this.outputSize === undefined) === (this.outputRatio === undefined))
      throw new RangeError(
        `${name}: Option outputSize is not valid: expected either outputSize or outputRatio, ` +
          `received ${this.outputSize === undefined ? "neither" : "both"}`,
      );
  }
  /** The maxima, with their indices where they are asked for. */
  protected pooled(run: Pool, input: Tensor): MaxPoolOutput<I> {
    const both = run(input, this.kernelSize, this);
    return (this.returnIndices ? both : both.values) as MaxPoolOutput<I>;
  }
}

/**
 * The largest element of windows at drawn places: `functional.fractionalMaxPool2dWithIndices` as a
 * layer. The places are PyTorch's for the same seed.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param kernelSize - The size of a window: one number for both dims, or one for each.
 * @param options - `outputSize` or `outputRatio`, `returnIndices`, `randomSamples`.
 * @throws RangeError unless one of the two is given.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { FractionalMaxPool2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new FractionalMaxPool2d(3, { outputSize: [13, 12] });
 * assert.deepEqual(layer.forward(ones([2, 4, 50, 32])).shape, [2, 4, 13, 12]);
 */
export class FractionalMaxPool2d<I extends boolean = false> extends FractionalMaxPool<I> {
  constructor(kernelSize: Sizes, options: FractionalMaxPoolLayerOptions<I>) {
    super(2, kernelSize, options);
  }
  override forward(input: Tensor): MaxPoolOutput<I> {
    return this.pooled(fractionalMaxPool2dWithIndices, input);
  }
}

/**
 * The largest element of windows at drawn places: `functional.fractionalMaxPool3dWithIndices` as a
 * layer. The places are PyTorch's for the same seed.
 *
 * **Shapes**: `input [N, C, D, H, W]` or without `N -> [N, C, ...outputSize]` or without `N`.
 *
 * @param kernelSize - The size of a window: one number for all dims, or one for each.
 * @param options - `outputSize` or `outputRatio`, `returnIndices`, `randomSamples`.
 * @throws RangeError unless one of the two is given.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { FractionalMaxPool3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new FractionalMaxPool3d(2, { outputRatio: 0.5 });
 * assert.deepEqual(layer.forward(ones([1, 2, 6, 4, 8])).shape, [1, 2, 3, 2, 4]);
 */
export class FractionalMaxPool3d<I extends boolean = false> extends FractionalMaxPool<I> {
  constructor(kernelSize: Sizes, options: FractionalMaxPoolLayerOptions<I>) {
    super(3, kernelSize, options);
  }
  override forward(input: Tensor): MaxPoolOutput<I> {
    return this.pooled(fractionalMaxPool3dWithIndices, input);
  }
}
