// Images of one size and their labels, held in memory: the base of MNIST and of the generated digits.
import { applyTransform, Image, type TransformLike } from "@tead/transforms/image";
import { checkIndex, type Dataset } from "../dataset.ts";

/** What a vision dataset does to its samples. */
export interface SampleTransforms<X, Y> {
  /** Applied to each image. Default: the image itself. */
  readonly transform?: TransformLike<Image, X>;
  /** Applied to each label. Default: the class index itself. */
  readonly targetTransform?: TransformLike<number, Y>;
}

/** The contents of {@link LabeledImages}. */
export interface ImageArray {
  /** All gray images one after the other, `[N * height * width]`. */
  readonly data: Uint8Array;
  /** The class index of each image, `[N]`. */
  readonly targets: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Names of the classes, by index. */
  readonly classes: readonly string[];
}

/**
 * Gray images of one size with a class index each, in memory.
 *
 * **Shapes**: `data [N, H, W]`, `targets [N]`.
 *
 * @param images - Pixels, labels, sizes and names of classes. They are not copied.
 * @param options - `transform` and `targetTransform`, applied to each sample when it is read.
 * @throws RangeError if the sizes do not fit each other or a label has no class.
 * @example
 * import assert from "node:assert/strict";
 * import { LabeledImages } from "@tead/data";
 * const [data, targets] = [Uint8Array.of(0, 255, 255, 0), Uint8Array.of(0, 1)];
 * const dots = new LabeledImages({ data, targets, height: 1, width: 2, classes: ["right", "left"] });
 * const [image, label] = dots.getItem(1);
 * assert.deepEqual([image.at(0, 0), dots.classes[label]], [255, "left"]);
 */
export class LabeledImages<X = Image, Y = number> implements Dataset<[X, Y]>, ImageArray {
  readonly data: Uint8Array;
  readonly targets: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly classes: readonly string[];
  readonly transform: TransformLike<Image, X> | undefined;
  readonly targetTransform: TransformLike<number, Y> | undefined;

  constructor(images: ImageArray, options: SampleTransforms<X, Y> = {}) {
    const { data, targets, height, width, classes } = images;
    if (data.length !== targets.length * height * width) {
      throw new RangeError(
        `LabeledImages: Cannot pair ${targets.length} labels with images of ${height} x ${width}: expected ${targets.length * height * width} pixels, received ${data.length}`,
      );
    }
    const bad = targets.findIndex((target) => target >= classes.length);
    if (bad >= 0) {
      throw new RangeError(
        `LabeledImages: Cannot use label ${targets[bad]} of sample ${bad}: expected an index below ${classes.length}`,
      );
    }
    this.data = data;
    this.targets = targets;
    this.height = height;
    this.width = width;
    this.classes = classes;
    this.transform = options.transform;
    this.targetTransform = options.targetTransform;
  }

  get length(): number {
    return this.targets.length;
  }

  /** The untransformed image at `index`. */
  image(index: number): Image {
    checkIndex(this.constructor.name, index, this.length);
    const size = this.height * this.width;
    const pixels = this.data.slice(index * size, (index + 1) * size);
    return new Image(pixels, this.height, this.width);
  }

  /** The transformed image and label at `index`. */
  getItem(index: number): [X, Y] {
    const image = this.image(index);
    const target = this.targets[index]!;
    // Without a transform X is Image and Y is number: the class parameters' defaults.
    const x = this.transform ? applyTransform(this.transform, image) : (image as unknown as X);
    const y = this.targetTransform
      ? applyTransform(this.targetTransform, target)
      : (target as unknown as Y);
    return [x, y];
  }
}
