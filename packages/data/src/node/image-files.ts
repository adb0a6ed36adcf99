// Labelled image files of any size, read when a sample is asked for: the base of the folder data sets.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import {
  applyTransform,
  type Channels,
  convertChannels,
  decodeImage,
  type Image,
  type ImageDecoder,
} from "@tead/transforms/image";
import { checkIndex, type Dataset } from "../dataset.ts";
import type { SampleTransforms } from "../datasets/labeled-images.ts";

/** Endings of image files, whether or not there is a decoder for them: torchvision's. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  ".jpg",
  ".jpeg",
  ".png",
  ".ppm",
  ".bmp",
  ".pgm",
  ".tif",
  ".tiff",
  ".webp",
];

/** What the folder data sets take beside their folder. */
export interface ImageFilesOptions<X = Image, Y = number> extends SampleTransforms<X, Y> {
  /** The formats to read: `[pngDecoder]` from `"@tead/transforms/node"`. */
  readonly decoders: readonly ImageDecoder[];
  /** What each image is converted to: 3 for RGB (default, as torchvision does), 1 for gray. */
  readonly channels?: Channels;
}

/** A file and its class index. */
export interface ImageFile {
  readonly path: string;
  readonly target: number;
}

/** Image files with a class index each. {@link ImageFolder} and {@link LabeledImageFolder} are such. */
export class ImageFiles<X = Image, Y = number> implements Dataset<[X, Y]> {
  /** Path and class index of each sample. */
  readonly samples: readonly ImageFile[];
  /** Names of the classes, by index. */
  readonly classes: readonly string[];
  readonly #options: ImageFilesOptions<X, Y>;

  constructor(
    samples: readonly ImageFile[],
    classes: readonly string[],
    options: ImageFilesOptions<X, Y>,
  ) {
    const { decoders = [], channels = 3 } = options;
    if (![1, 2, 3, 4].includes(channels)) {
      throw new RangeError(
        `${new.target.name}: Cannot use channels=${channels}: expected 1, 2, 3 or 4`,
      );
    }
    const known = new Set(decoders.flatMap(({ extensions }) => extensions));
    const unknown = samples.filter(({ path }) => !known.has(extname(path).toLowerCase()));
    if (unknown.length > 0) {
      throw new TypeError(
        `${new.target.name}: Cannot read ${unknown.length} of ${samples.length} images, ${unknown[0]!.path} for one: expected a decoder for it, received ${decoders.map(({ name }) => name).join(", ") || "none"}\nHint: pass { decoders: [pngDecoder] } and the like; PNG's stands in "@tead/transforms/node"`,
      );
    }
    this.samples = samples;
    this.classes = classes;
    this.#options = options;
  }

  get length(): number {
    return this.samples.length;
  }

  /** The class index of each sample. */
  get targets(): number[] {
    return this.samples.map(({ target }) => target);
  }

  /** Reads, decodes and transforms the image at `index`. */
  async getItem(index: number): Promise<[X, Y]> {
    checkIndex(this.constructor.name, index, this.length);
    const { path, target } = this.samples[index]!;
    const { decoders, channels = 3, transform, targetTransform } = this.#options;
    const decoded = decodeImage(await readFile(path), decoders, { file: path });
    const image = convertChannels(decoded, channels);
    // Without a transform X is Image and Y is number: the class parameters' defaults.
    const x = transform ? applyTransform(transform, image) : (image as unknown as X);
    const y = targetTransform ? applyTransform(targetTransform, target) : (target as unknown as Y);
    return [x, y];
  }
}

/** True if a file name ends as an image's does. */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}

/** By code points, as Python sorts file names. */
export function compareNames(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
