// Reading images at places that a grid names, and the grids of affine maps.
import { ShapeError, stack, type Tensor } from "@tead/tensor";
import { factors } from "./host.ts";

/** Options of {@link gridSample}. */
export interface GridSampleOptions {
  /** How the pixels around a place are weighed. Default "bilinear". */
  readonly mode?: "bilinear" | "nearest" | "bicubic";
  /** What lies outside the image: 0, its border, or its reflection. Default "zeros". */
  readonly paddingMode?: "zeros" | "border" | "reflection";
  /** Whether -1 and 1 are the centers of the corner pixels, not their edges. Default false. */
  readonly alignCorners?: boolean;
}

/** From -1 .. 1 to pixels. */
function toPixels(place: Tensor, size: number, alignCorners: boolean): Tensor {
  return alignCorners ? place.add(1).mul((size - 1) / 2) : place.add(1).mul(size).sub(1).div(2);
}

/** A place outside, reflected at the borders until it is inside. */
function reflected(place: Tensor, size: number, alignCorners: boolean): Tensor {
  const [low, span] = alignCorners ? [0, size - 1] : [-0.5, size];
  if (span === 0) return place.mul(0);
  const distance = place.sub(low).abs();
  const extra = distance.fmod(span);
  const flips = distance.detach().div(span).floor();
  const even = flips.remainder(2).eq(0);
  return even.where(extra.add(low), extra.rsub(span + low));
}

function bounded(place: Tensor, size: number, options: GridSampleOptions): Tensor {
  const { paddingMode = "zeros", alignCorners = false } = options;
  if (paddingMode === "zeros") return place;
  const near = paddingMode === "reflection" ? reflected(place, size, alignCorners) : place;
  return near.clamp(0, size - 1);
}

/** The pixels [N, C, ...] at whole places, one tensor [N, ...] a spatial dim; 0 outside. */
function pixelsAt(input: Tensor, places: readonly Tensor[]): Tensor {
  const [n, channels, ...sizes] = input.shape as [number, number, ...number[]];
  const [first] = places as [Tensor, ...Tensor[]];
  let flat = first.newZeros([], { dtype: "int32" });
  let within: Tensor | undefined;
  places.forEach((place, i) => {
    const size = sizes[i] as number;
    const inside = place.ge(0).logicalAnd(place.le(size - 1));
    within = within === undefined ? inside : within.logicalAnd(inside);
    flat = flat.mul(size).add(place.clamp(0, size - 1).to("int32"));
  });
  const shape = [n, channels, ...first.shape.slice(1)];
  const index = flat.reshape([n, 1, -1]).expand([n, channels, first.numel() / n]);
  const read = input.flatten(2).gather(2, index).reshape(shape);
  return (within as Tensor).unsqueeze(1).where(read, 0);
}

/** Every choice of one entry a dim, with the product of their weights. */
function corners(
  dims: readonly (readonly { readonly place: Tensor; readonly weight: Tensor }[])[],
): { readonly places: readonly Tensor[]; readonly weight: Tensor }[] {
  const [first, ...rest] = dims as [(typeof dims)[number], ...typeof dims];
  const ends = first.map(({ place, weight }) => ({ places: [place], weight }));
  return rest.reduce<{ places: Tensor[]; weight: Tensor }[]>(
    (all, dim) =>
      all.flatMap(({ places, weight }) =>
        dim.map((end) => ({
          places: [...places, end.place],
          weight: weight.mul(end.weight),
        })),
      ),
    ends,
  );
}

/** |x| <= 1 and 1 < |x| < 2 of Keys' cubic with a = -0.75. */
const inner = (x: Tensor): Tensor => x.mul(1.25).sub(2.25).mul(x).mul(x).add(1);
const outer = (x: Tensor): Tensor => x.mul(-0.75).add(3.75).mul(x).sub(6).mul(x).add(3);

/** The neighbours of a place along one dim, and their weights. */
function neighbours(place: Tensor, mode: "bilinear" | "bicubic") {
  const first = place.detach().floor();
  const t = place.sub(first);
  if (mode === "bilinear")
    return [
      { place: first, weight: t.rsub(1) },
      { place: first.add(1), weight: t },
    ];
  const weights = [outer(t.add(1)), inner(t), inner(t.rsub(1)), outer(t.rsub(2))];
  return weights.map((weight, k) => ({ place: first.add(k - 1), weight }));
}

function checkGrid(input: Tensor, grid: Tensor, mode: string): void {
  const rank = input.ndim - 2;
  const fits =
    (rank === 2 || rank === 3) &&
    grid.ndim === input.ndim &&
    grid.size(-1) === rank &&
    grid.size(0) === input.size(0);
  if (!fits)
    throw new ShapeError(
      "Grid does not fit: expected [N, H_out, W_out, 2] for [N, C, H, W] or " +
        `[N, D_out, H_out, W_out, 3] for [N, C, D, H, W], received [${grid.shape.join(", ")}]`,
      {
        op: "gridSample",
        operands: [{ name: "input", shape: input.shape, dtype: input.dtype }],
      },
    );
  if (mode === "bicubic" && rank !== 2)
    throw new RangeError(
      `gridSample: Option mode is not valid: expected "bilinear" or "nearest" for volumes, received ${mode}`,
    );
}

/**
 * The input read at the places of a grid: the last dim holds x, y (and z) from -1 at one end of the
 * image to 1 at the other.
 *
 * **Shapes**: `input [N, C, H, W]`, `grid [N, H_out, W_out, 2] -> [N, C, H_out, W_out]`; likewise
 * for volumes, with 3.
 *
 * @param options - `mode`, `paddingMode`, `alignCorners`.
 * @throws ShapeError where the grid does not fit the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const image = tensor([[[[0, 2], [4, 6]]]]).float();
 * const center = F.gridSample(image, tensor([[[[0, 0]]]]).float());
 * assert.equal(center.itemSync(), 3);
 */
export function gridSample(input: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = "bilinear", alignCorners = false } = options;
  checkGrid(input, grid, mode);
  const sizes = input.shape.slice(2);
  // The grid names x first, the input has its rows first.
  const raw = sizes.map((size, i) =>
    toPixels(grid.select(-1, sizes.length - 1 - i), size, alignCorners),
  );
  if (mode === "bicubic") {
    const dims = raw.map((place) => neighbours(place, "bicubic"));
    const parts = corners(dims).map(({ places, weight }) => {
      const inside = places.map((p, i) => bounded(p, sizes[i] as number, options));
      return pixelsAt(input, inside).mul(weight.unsqueeze(1));
    });
    return parts.reduce((sum, part) => sum.add(part));
  }
  const places = raw.map((place, i) => bounded(place, sizes[i] as number, options));
  if (mode === "nearest")
    return pixelsAt(
      input,
      places.map((place) => place.detach().round()),
    );
  const parts = corners(places.map((place) => neighbours(place, "bilinear"))).map((corner) =>
    pixelsAt(input, corner.places).mul(corner.weight.unsqueeze(1)),
  );
  return parts.reduce((sum, part) => sum.add(part));
}

/** Options of {@link affineGrid}. */
export interface AffineGridOptions {
  /** Whether -1 and 1 are the centers of the corner pixels, not their edges. Default false. */
  readonly alignCorners?: boolean;
}

/**
 * The grid of an affine map, for {@link gridSample}: theta times (x, y, 1) at every place.
 *
 * **Shapes**: `theta [N, 2, 3] -> [N, H, W, 2]`, `[N, 3, 4] -> [N, D, H, W, 3]`.
 *
 * @param theta - A matrix for each image.
 * @param size - The shape of the output: `[N, C, H, W]` or `[N, C, D, H, W]`.
 * @throws ShapeError where theta and the size do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const identity = tensor([[[1, 0, 0], [0, 1, 0]]]).float();
 * const grid = F.affineGrid(identity, [1, 1, 1, 2]);
 * assert.deepEqual(grid.tolistSync(), [[[[-0.5, 0], [0.5, 0]]]]);
 */
export function affineGrid(
  theta: Tensor,
  size: readonly number[],
  { alignCorners = false }: AffineGridOptions = {},
): Tensor {
  const spatial = size.slice(2);
  const rank = spatial.length;
  const expected = [size[0], rank, rank + 1];
  if ((rank !== 2 && rank !== 3) || theta.shape.join() !== expected.join())
    throw new ShapeError(
      `Theta does not fit: expected [${expected.join(", ")}] for the size [${size.join(", ")}], ` +
        `received [${theta.shape.join(", ")}]`,
      { op: "affineGrid" },
    );
  const along = spatial.map((count, i) => {
    const values = Array.from({ length: count }, (_, k) => {
      if (count === 1) return 0;
      return alignCorners ? -1 + (2 * k) / (count - 1) : (2 * k + 1) / count - 1;
    });
    const shape = spatial.map((_, j) => (j === i ? count : 1));
    return factors(theta, values, shape).expand(spatial);
  });
  const one = theta.newOnes([]).expand(spatial);
  const base = stack([...along.reverse(), one], -1); // [..., rank + 1]
  const points = base.reshape([1, -1, rank + 1]).matmul(theta.transpose(1, 2));
  return points.reshape([size[0] as number, ...spatial, rank]);
}
