// Tensors of any layout as one uint8 RGB or RGBA image, batches as a grid, as in PyTorch.
import { ShapeError } from "@tead/tensor";
import { type Channels, convertChannels, Image } from "@tead/transforms/image";

/** A tensor's elements with their shape; uint8 stands for 0 to 255, everything else for 0 to 1. */
export interface Elements {
  readonly data: ArrayLike<number | bigint>;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** How many images stand beside each other in a grid. */
const gridColumns = 8;

/**
 * Checks a shape against a layout such as `"CHW"`, before any element is read.
 *
 * @throws RangeError if the letters are not those of an image.
 * @throws ShapeError if the sizes do not fit them.
 */
export function checkLayout(op: string, shape: readonly number[], dataformats: string): void {
  const letters = [...dataformats.toUpperCase()];
  const known = ["HW", "CHW", "CHNW"].includes([...letters].sort().join(""));
  if (!known) {
    throw new RangeError(
      `${op}: Cannot use dataformats="${dataformats}": expected an order of HW, CHW or NCHW`,
    );
  }
  if (letters.length !== shape.length) {
    throw new ShapeError(
      `${op}: Cannot read a tensor [${shape.join(", ")}] as ${dataformats}: ` +
        `expected ${letters.length} dimensions, received ${shape.length}`,
    );
  }
  const channels = letters.includes("C") ? shape[letters.indexOf("C")]! : 1;
  const allowed = letters.includes("N") ? [1, 3] : [1, 3, 4];
  if (!allowed.includes(channels)) {
    throw new ShapeError(
      `${op}: Cannot show a tensor [${shape.join(", ")}] as ${dataformats}: ` +
        `expected ${allowed.join(" or ")} channels, received ${channels}`,
    );
  }
  if (shape.includes(0)) {
    throw new ShapeError(
      `${op}: Cannot show a tensor [${shape.join(", ")}]: expected at least one pixel`,
    );
  }
}

/**
 * The image that a tensor shows. Gray is repeated into RGB; a batch becomes a grid of up to 8
 * columns, filled row by row, with black where the last row ends early.
 *
 * @param elements - Contiguous elements in the order that `dataformats` names.
 * @param dataformats - A checked layout.
 */
export function pixelsOf({ data, shape, dtype }: Elements, dataformats: string): Image {
  const layout = dataformats.toUpperCase();
  const axis = (letter: string) => {
    const dim = layout.indexOf(letter);
    const stride = shape.slice(dim + 1).reduce((a, b) => a * b, 1);
    return dim < 0 ? { size: 1, stride: 0 } : { size: shape[dim]!, stride };
  };
  const [n, c, h, w] = [axis("N"), axis("C"), axis("H"), axis("W")];
  const columns = Math.min(n.size, gridColumns);
  const rows = Math.ceil(n.size / columns);
  const channels: Channels = c.size === 4 ? 4 : 3;
  const width = columns * w.size;
  const pixels = new Uint8Array(rows * h.size * width * channels);
  const toByte = dtype === "uint8" ? Number : scaledByte;
  for (let index = 0; index < n.size; index++) {
    const top = Math.floor(index / columns) * h.size;
    const left = (index % columns) * w.size;
    for (let y = 0; y < h.size; y++) {
      for (let x = 0; x < w.size; x++) {
        const source = index * n.stride + y * h.stride + x * w.stride;
        const target = ((top + y) * width + left + x) * channels;
        for (let k = 0; k < channels; k++) {
          pixels[target + k] = toByte(data[source + (c.size === 1 ? 0 : k * c.stride)]!);
        }
      }
    }
  }
  return new Image(pixels, rows * h.size, width, channels);
}

/** trunc(clamp(255 x, 0, 255)) in float32; NaN is black. */
function scaledByte(value: number | bigint): number {
  const scaled = Math.fround(Math.fround(Number(value)) * 255);
  return scaled >= 255 ? 255 : scaled > 0 ? Math.trunc(scaled) : 0;
}

/** An image as TensorBoard shows it: RGB, or RGBA if it has an alpha channel. */
export function colorOf(image: Image): Image {
  return convertChannels(image, image.channels % 2 === 0 ? 4 : 3);
}

/**
 * Several images of one size as a grid.
 *
 * @throws RangeError if there is none, or if their sizes differ.
 */
export function gridOf(op: string, images: readonly Image[]): Image {
  const [first] = images;
  if (first === undefined) throw new RangeError(`${op}: Cannot show images: expected at least 1`);
  const { height, width } = first;
  const odd = images.find((image) => image.height !== height || image.width !== width);
  if (odd !== undefined) {
    throw new RangeError(
      `${op}: Cannot put images into a grid: ` +
        `expected ${height} x ${width} pixels, received ${odd.height} x ${odd.width}`,
    );
  }
  const data = new Uint8Array(images.length * height * width * 3);
  images.forEach((image, i) => {
    data.set(convertChannels(image, 3).data, i * height * width * 3);
  });
  return pixelsOf({ data, shape: [images.length, height, width, 3], dtype: "uint8" }, "NHWC");
}
