// What each normalization's mean runs over, as dims of a regrouped shape: shared by the rules, the
// decompositions and the kernels of every backend. Plain arithmetic, no tensors.
import { ShapeError } from "../errors.ts";
import { formatShape, numelOf, type Shape } from "../shape.ts";

/** How a normalization walks its input. */
export interface NormLayout {
  /** The input's shape, regrouped. */
  readonly shape: Shape;
  /** The dims of `shape` that a mean runs over. */
  readonly dims: readonly number[];
  /** How weight and bias broadcast to `shape`. */
  readonly affine: Shape;
  /** The shape of weight and bias. */
  readonly affineShape: Shape;
  /** The shape of the means and variances. */
  readonly stats: Shape;
  /** How many elements a mean runs over. */
  readonly count: number;
}

function checkChannels(shape: Shape): void {
  if (shape.length >= 2) return;
  throw new ShapeError(
    `Input has the wrong rank: expected [N, C, ...], received ${formatShape(shape)}`,
  );
}

/** Over batch and space: [N, C, S], the mean of each channel. */
export function batchNormLayout(input: Shape): NormLayout {
  checkChannels(input);
  const [n, c, ...space] = input as [number, number, ...number[]];
  const size = numelOf(space);
  return {
    shape: [n, c, size],
    dims: [0, 2],
    affine: [1, c, 1],
    affineShape: [c],
    stats: [c],
    count: n * size,
  };
}

/** Over the last `dims` dims: [rows, size], the mean of each row. */
export function layerNormLayout(input: Shape, { dims }: { readonly dims: number }): NormLayout {
  if (!Number.isInteger(dims) || dims < 1 || dims > input.length)
    throw new ShapeError(
      `Normalized shape does not fit: expected 1 to ${input.length} dims, received ${dims}`,
    );
  const lead = input.slice(0, -dims);
  const normalized = input.slice(-dims);
  const size = numelOf(normalized);
  return {
    shape: [numelOf(lead), size],
    dims: [1],
    affine: [1, size],
    affineShape: normalized,
    stats: lead,
    count: size,
  };
}

/** Over space and a group's channels: [N, G, C / G, S], the mean of each group. */
export function groupNormLayout(input: Shape, { groups }: { readonly groups: number }): NormLayout {
  checkChannels(input);
  const [n, c, ...space] = input as [number, number, ...number[]];
  const perGroup = c / groups;
  if (!Number.isInteger(groups) || groups < 1 || !Number.isInteger(perGroup))
    throw new ShapeError(
      `Channels do not split into groups: expected a multiple of ${groups}, received ${c}`,
    );
  const size = numelOf(space);
  return {
    shape: [n, groups, perGroup, size],
    dims: [2, 3],
    affine: [1, groups, perGroup, 1],
    affineShape: [c],
    stats: [n, groups],
    count: perGroup * size,
  };
}
