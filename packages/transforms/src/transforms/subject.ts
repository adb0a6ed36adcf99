// What a transform works on, an image or a tensor [..., C, H, W]: sizes, crop, pad and flip of either.
import { ShapeError, Tensor, tensor } from "@tead/tensor";
import { crop, hflip } from "../image/geometry.ts";
import { Image } from "../image/image.ts";
import {
  checkPaddingMode,
  type Padding,
  type PaddingMode,
  pad,
  padIndices,
  parsePadding,
} from "../image/pad.ts";

/** An image, or a tensor whose last three dims are channels, rows and columns. */
export type Subject = Image | Tensor;

/** An edge for a square, or rows and columns. */
export type Size = number | readonly [number] | readonly [height: number, width: number];

/** Rows and columns of a {@link Size}: one number stands for both. */
export function parseSize(op: string, size: Size): [height: number, width: number] {
  const [height, width = height] = typeof size === "number" ? [size] : size;
  if (![height, width].every((edge) => Number.isInteger(edge) && edge > 0)) {
    const given = typeof size === "number" ? size : `[${size.join(", ")}]`;
    throw new RangeError(`${op}: Cannot use size=${given}: expected positive integers`);
  }
  return [height, width];
}

/** Rows and columns of an image or tensor; an error of `op` for anything else. */
export function sizeOf(op: string, input: Subject): [height: number, width: number] {
  if (input instanceof Image) return [input.height, input.width];
  if (!(input instanceof Tensor)) {
    throw new TypeError(`${op}: Cannot transform this input: expected an Image or a Tensor`);
  }
  const [height, width] = input.shape.slice(-2);
  if (height === undefined || width === undefined) {
    throw new ShapeError(
      `Cannot transform a tensor of shape [${input.shape.join(", ")}]: expected [..., H, W]`,
      { op },
    );
  }
  return [height, width];
}

/** The part of `input` that begins at (`top`, `left`) and lies within it. Of a tensor, a view. */
export function cropSubject<S extends Subject>(
  input: S,
  top: number,
  left: number,
  height: number,
  width: number,
): S {
  const subject: Subject = input;
  const part =
    subject instanceof Image
      ? crop(subject, top, left, height, width)
      : subject.narrow(-2, top, height).narrow(-1, left, width);
  return part as S;
}

/** `input` mirrored left to right. */
export function flipSubject<S extends Subject>(input: S): S {
  const subject: Subject = input;
  return (subject instanceof Image ? hflip(subject) : subject.flip([-1])) as S;
}

/** `input` with a border of `padding` pixels. */
export function padSubject<S extends Subject>(
  input: S,
  padding: Padding,
  fill: number | readonly number[] = 0,
  mode: PaddingMode = "constant",
): S {
  const subject: Subject = input;
  if (subject instanceof Image) return pad(subject, padding, { fill, mode }) as S;
  checkPaddingMode("pad", mode);
  return padTensor(subject, parsePadding("pad", padding), fill, mode) as S;
}

function padTensor(
  input: Tensor,
  [left, top, right, bottom]: readonly [number, number, number, number],
  fill: number | readonly number[],
  mode: PaddingMode,
): Tensor {
  const [height, width] = sizeOf("pad", input);
  if (mode !== "constant") {
    const { device } = input;
    const rows = tensor(padIndices(height, top, bottom, mode), { device });
    const columns = tensor(padIndices(width, left, right, mode), { device });
    return input.indexSelect(-2, rows).indexSelect(-1, columns);
  }
  const shape = [...input.shape.slice(0, -2), top + height + bottom, left + width + right];
  const padded = input.newZeros(shape);
  if (typeof fill === "number") padded.fill_(fill);
  else padded.copy_(tensor(fill, { device: input.device, shape: [fill.length, 1, 1] }));
  padded.narrow(-2, top, height).narrow(-1, left, width).copy_(input);
  return padded;
}
