// From images to tensors, and tensors made comparable.
import { type Backend, DTypeError, isFloat, ShapeError, type Tensor, tensor } from "@tead/tensor";
import { Image } from "../image/image.ts";
import type { Transform } from "../transform.ts";

/** value / 255, rounded to float32, for each sample value. */
const SCALED: Float32Array = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/** Options of {@link ToTensor}. */
export interface ToTensorOptions {
  /** Where the tensor is made. Default: the default device. */
  readonly device?: Backend;
}

/**
 * An image as a float32 tensor with values from 0 to 1: `y = x / 255`.
 *
 * **Shapes**: `Image of H x W x C -> [C, H, W]`.
 *
 * @param options - `device`.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.ToTensor.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ToTensor } from "@tead/transforms";
 * import { Image } from "@tead/transforms/image";
 * const image = new Image(Uint8Array.of(0, 51, 255), 1, 1, 3);
 * const pixel = new ToTensor({ device: cpu() }).forward(image);
 * assert.deepEqual(await pixel.flatten().tolist(), [0, Math.fround(0.2), 1]);
 */
export class ToTensor implements Transform<Image, Tensor> {
  readonly #device: Backend | undefined;

  constructor({ device }: ToTensorOptions = {}) {
    this.#device = device;
  }

  /** @throws TypeError if `image` is no {@link Image}. */
  forward(image: Image): Tensor {
    if (!(image instanceof Image)) {
      throw new TypeError("ToTensor: Cannot convert this input: expected an Image");
    }
    const { data, height, width, channels } = image;
    const pixels = height * width;
    const values = new Float32Array(data.length);
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < pixels; p++) values[c * pixels + p] = SCALED[data[p * channels + c]!]!;
    }
    const shape = [channels, height, width];
    return tensor(values, this.#device ? { shape, device: this.#device } : { shape });
  }
}

/** Options of {@link Normalize}. */
export interface NormalizeOptions {
  /** Write the result over the input. Default false. */
  readonly inplace?: boolean;
}

/**
 * Each channel with its mean taken off, divided by its standard deviation: `y[c] = (x[c] - mean[c]) / std[c]`.
 *
 * **Shapes**: `[..., C, H, W] -> [..., C, H, W]`. Floating-point dtypes; the result has the input's.
 *
 * @param mean - One number, or one a channel.
 * @param std - One number, or one a channel.
 * @param options - `inplace`.
 * @throws RangeError if a number is not finite, a `std` is 0, or their counts differ.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.Normalize.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { tensor } from "@tead/tensor";
 * import { Normalize } from "@tead/transforms";
 * const x = tensor([[[0, 1]]], { dtype: "float32", device: cpu() });
 * assert.deepEqual(await new Normalize([0.5], [0.5]).forward(x).tolist(), [[[-1, 1]]]);
 */
export class Normalize implements Transform<Tensor, Tensor> {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly inplace: boolean;

  constructor(
    mean: number | readonly number[],
    std: number | readonly number[],
    { inplace = false }: NormalizeOptions = {},
  ) {
    this.mean = [mean].flat();
    this.std = [std].flat();
    this.inplace = inplace;
    const [means, stds] = [this.mean, this.std];
    const said = `mean=[${means.join(", ")}] and std=[${stds.join(", ")}]`;
    if (
      means.length === 0 ||
      (means.length !== stds.length && Math.min(means.length, stds.length) !== 1)
    ) {
      throw new RangeError(`Normalize: Cannot use ${said}: expected as many of each, or one`);
    }
    if (
      ![...means, ...stds].every(Number.isFinite) ||
      stds.some((value) => Math.fround(value) === 0)
    ) {
      throw new RangeError(`Normalize: Cannot use ${said}: expected numbers, and no std of 0`);
    }
  }

  /**
   * @throws DTypeError if `input` has no floating-point dtype.
   * @throws ShapeError if it has fewer than 3 dims or another number of channels.
   */
  forward(input: Tensor): Tensor {
    const { dtype, device, shape } = input;
    if (!isFloat(dtype)) {
      throw new DTypeError(
        `Cannot normalize a tensor of ${dtype}: expected floating-point numbers`,
        {
          op: "Normalize",
          hint: "put ToTensor before Normalize",
        },
      );
    }
    const given = Math.max(this.mean.length, this.std.length);
    const channels = shape.at(-3);
    if (channels === undefined || (given !== 1 && channels !== given)) {
      const expected = given === 1 ? "C" : given;
      throw new ShapeError(
        `Cannot normalize a tensor of shape [${shape.join(", ")}]: expected [..., ${expected}, H, W]`,
        { op: "Normalize" },
      );
    }
    const [mean, std] = [this.mean, this.std].map((values) =>
      tensor(values, { dtype, device, shape: [values.length, 1, 1] }),
    ) as [Tensor, Tensor];
    return this.inplace ? input.sub_(mean).div_(std) : input.sub(mean).div_(std);
  }
}
