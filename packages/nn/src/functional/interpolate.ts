// Resizing sequences, images and volumes.
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  ShapeError,
  type Sizes,
  type Tensor,
} from "@tead/tensor";
import { factors, forEachDim, positions } from "./host.ts";
import {
  antialiasMatrix,
  cubicTaps,
  linearTaps,
  nearestIndex,
  type Resize,
  type Tap,
} from "./resampling.ts";

/** How new elements come from the old ones. */
export type InterpolationMode =
  | "nearest"
  | "nearest-exact"
  | "linear"
  | "bilinear"
  | "bicubic"
  | "trilinear"
  | "area";

/** Options of {@link interpolate}: either `size` or `scaleFactor`. */
export interface InterpolateOptions {
  /** The sizes to come: one for all spatial dims, or one for each. */
  readonly size?: Sizes | undefined;
  /** How many times as large: one for all spatial dims, or one for each. */
  readonly scaleFactor?: Sizes | undefined;
  /** Default "nearest". */
  readonly mode?: InterpolationMode;
  /** Whether the corners' centers stay where they are. Default false. */
  readonly alignCorners?: boolean | undefined;
  /** Whether the rounded sizes, not `scaleFactor`, say where elements lie. Default false. */
  readonly recomputeScaleFactor?: boolean | undefined;
  /** Whether to filter before making images smaller. Default false. */
  readonly antialias?: boolean;
}

/** The number of spatial dims that a mode is for; any where it does not say. */
const rankOf: Readonly<Partial<Record<InterpolationMode, number>>> = {
  linear: 1,
  bilinear: 2,
  bicubic: 2,
  trilinear: 3,
};
const modes = ["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"];

function refuse(option: string, expected: string, received: unknown): never {
  const shown = Array.isArray(received) ? `[${received.join(", ")}]` : String(received);
  throw new RangeError(
    `interpolate: Option ${option} is not valid: expected ${expected}, received ${shown}`,
  );
}

function checkMode(input: Tensor, options: InterpolateOptions): void {
  const { mode = "nearest", alignCorners, antialias = false } = options;
  const { shape, dtype } = input;
  if (!modes.includes(mode)) refuse("mode", modes.map((m) => `"${m}"`).join(", "), mode);
  const rank = rankOf[mode];
  const expected = rank === undefined ? "3 to 5" : String(rank + 2);
  if (shape.length < 3 || shape.length > 5 || (rank !== undefined && shape.length !== rank + 2))
    throw new ShapeError(
      `Input has the wrong rank: expected ${expected} dims for mode "${mode}", received ${shape.length}`,
      { op: "interpolate", operands: [{ name: "input", shape, dtype }] },
    );
  if (rank === undefined && alignCorners !== undefined)
    refuse("alignCorners", `none for mode "${mode}"`, alignCorners);
  if (antialias && mode !== "bilinear" && mode !== "bicubic")
    refuse("antialias", 'false but for "bilinear" and "bicubic"', antialias);
}

function resizesOf(input: Tensor, options: InterpolateOptions): Resize[] {
  const { size, scaleFactor, alignCorners = false, recomputeScaleFactor = false } = options;
  const spatial = input.shape.slice(2);
  if ((size === undefined) === (scaleFactor === undefined))
    refuse("size", "either size or scaleFactor", size === undefined ? "neither" : "both");
  if (recomputeScaleFactor && size !== undefined)
    refuse("recomputeScaleFactor", "false where size is given", true);
  const given = forEachDim((size ?? scaleFactor) as Sizes, spatial.length);
  const name = size === undefined ? "scaleFactor" : "size";
  if (given.length !== spatial.length) refuse(name, `1 or ${spatial.length} numbers`, given);
  return spatial.map((inputSize, i): Resize => {
    const each = given[i] as number;
    const outputSize = size === undefined ? Math.floor(inputSize * each) : each;
    if (!Number.isInteger(outputSize) || outputSize < 1 || inputSize < 1)
      refuse(name, "sizes of at least 1", [...given]);
    const scale = size === undefined && !recomputeScaleFactor ? each : undefined;
    return { inputSize, outputSize, scale, alignCorners };
  });
}

/** The weighted sum of the elements that the taps of one dim meet. */
function byTaps(x: Tensor, dim: number, taps: readonly Tap[]): Tensor {
  const shape = x.shape.map((_, i) => (i === dim ? -1 : 1));
  const parts = taps.map(({ index, weight }) =>
    x.indexSelect(dim, positions(x, index)).mul(factors(x, weight, [weight.length]).reshape(shape)),
  );
  return parts.reduce((sum, part) => sum.add(part));
}

/** The matrix [outputSize, inputSize] times x along one dim. */
function byMatrix(x: Tensor, dim: number, { inputSize, outputSize }: Resize, m: Float64Array) {
  const matrix = factors(x, m, [outputSize, inputSize]);
  return x.transpose(dim, -1).matmul(matrix.t()).transpose(dim, -1).contiguous();
}

function resized(x: Tensor, dim: number, resize: Resize, options: InterpolateOptions): Tensor {
  const { mode = "nearest", antialias = false } = options;
  if (mode === "nearest" || mode === "nearest-exact")
    return x.indexSelect(dim, positions(x, nearestIndex(resize, mode === "nearest-exact")));
  if (antialias && (mode === "bilinear" || mode === "bicubic"))
    return byMatrix(x, dim, resize, antialiasMatrix(resize, mode));
  if (mode === "bicubic") return byTaps(x, dim, cubicTaps(resize));
  // PyTorch leaves a dim alone whose size stays, whatever the factor.
  return resize.inputSize === resize.outputSize ? x : byTaps(x, dim, linearTaps(resize));
}

/**
 * The input in another size.
 *
 * **Shapes**: `input [N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`, the spatial dims `size`, or
 * floor(their size * `scaleFactor`). "linear" is for sequences, "bilinear" and "bicubic" for
 * images, "trilinear" for volumes, the others for all.
 *
 * @param options - `size` or `scaleFactor`, `mode`, `alignCorners`, `recomputeScaleFactor`,
 * `antialias`.
 * @throws RangeError for sizes and options that do not fit.
 * @throws ShapeError where the mode is not for inputs of this rank.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = tensor([[[0, 4]]]).float();
 * assert.deepEqual(F.interpolate(x, { scaleFactor: 2 }).tolistSync(), [[[0, 0, 4, 4]]]);
 * const smooth = F.interpolate(x, { size: 3, mode: "linear", alignCorners: true });
 * assert.deepEqual(smooth.tolistSync(), [[[0, 2, 4]]]);
 */
export function interpolate(input: Tensor, options: InterpolateOptions): Tensor {
  checkMode(input, options);
  const resizes = resizesOf(input, options);
  if (options.mode === "area") {
    const pools = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d];
    const pool = pools[resizes.length - 1] as typeof adaptiveAvgPool2d;
    return pool(
      input,
      resizes.map(({ outputSize }) => outputSize),
    );
  }
  return resizes.reduce((x: Tensor, resize, i) => resized(x, i + 2, resize, options), input);
}
