// Layers that resize.
import type { Sizes, Tensor } from "@tead/tensor";
import { type InterpolateOptions, interpolate } from "../functional/interpolate.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";

/** Options of {@link Upsample}: either `size` or `scaleFactor`. */
export type UpsampleOptions = Pick<
  InterpolateOptions,
  "size" | "scaleFactor" | "mode" | "alignCorners" | "recomputeScaleFactor"
>;
/** Options of {@link UpsamplingNearest2d} and {@link UpsamplingBilinear2d}. */
export type UpsamplingOptions = Pick<InterpolateOptions, "size" | "scaleFactor">;

const floats = (sizes: Sizes): string =>
  typeof sizes === "number" ? pyFloat(sizes) : `(${sizes.map(pyFloat).join(", ")})`;

/**
 * The input in another size: `functional.interpolate` as a layer.
 *
 * **Shapes**: `input [N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`, the spatial dims `size`, or
 * floor(their size * `scaleFactor`).
 *
 * @param options - `size` or `scaleFactor`; `mode` ("nearest" unless said), `alignCorners`,
 * `recomputeScaleFactor`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Upsample } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new Upsample({ scaleFactor: 2, mode: "bilinear" });
 * assert.deepEqual(layer.forward(ones([1, 3, 4, 5])).shape, [1, 3, 8, 10]);
 */
export class Upsample extends Module {
  readonly size: Sizes | undefined;
  readonly scaleFactor: Sizes | undefined;
  readonly mode: NonNullable<UpsampleOptions["mode"]>;
  readonly alignCorners: boolean | undefined;
  readonly recomputeScaleFactor: boolean | undefined;

  constructor(options: UpsampleOptions) {
    super();
    this.size = options.size;
    this.scaleFactor = options.scaleFactor;
    this.mode = options.mode ?? "nearest";
    this.alignCorners = options.alignCorners;
    this.recomputeScaleFactor = options.recomputeScaleFactor;
  }
  override forward(input: Tensor): Tensor {
    return interpolate(input, this);
  }
  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    const how =
      scaleFactor === undefined ? `size=${pyValue(size)}` : `scale_factor=${floats(scaleFactor)}`;
    return `${how}, mode=${mode}`;
  }
}

/**
 * Images made larger by repeating pixels.
 *
 * **Shapes**: `input [N, C, H, W]`, the spatial dims `size`, or their size times `scaleFactor`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { UpsamplingNearest2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new UpsamplingNearest2d({ scaleFactor: 3 });
 * assert.deepEqual(layer.forward(ones([1, 1, 2, 2])).shape, [1, 1, 6, 6]);
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: UpsamplingOptions) {
    super({ ...options, mode: "nearest" });
  }
}

/**
 * Images made larger by bilinear interpolation, the corners where they are.
 *
 * **Shapes**: `input [N, C, H, W]`, the spatial dims `size`, or their size times `scaleFactor`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { UpsamplingBilinear2d } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new UpsamplingBilinear2d({ size: [1, 3] });
 * assert.deepEqual(layer.forward(tensor([[[[0, 4]]]]).float()).tolistSync(), [[[[0, 2, 4]]]]);
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: UpsamplingOptions) {
    super({ ...options, mode: "bilinear", alignCorners: true });
  }
}
