// Sums over samples of curves, distances between rows, and choices of elements.
import { ShapeError } from "./errors.ts";
import { uploaded } from "./methods/convert.ts";
import { stack } from "./ops/join.ts";
import type { Tensor } from "./tensor.ts";

/** Options of `trapezoid()`. */
export interface TrapezoidOptions {
  /** The places of the samples, along `dim` or of y's shape. */
  readonly x?: Tensor;
  /** The distance between samples where there is no `x`; 1 unless said. */
  readonly dx?: number;
  /** The last unless said. */
  readonly dim?: number;
}

/** (y[i] + y[i + 1]) / 2 * (x[i + 1] - x[i]) along `dim`. */
function areas(y: Tensor, { x, dx = 1, dim = -1 }: TrapezoidOptions): Tensor {
  const size = y.size(dim);
  if (size === 0) return y;
  const heights = y.narrow(dim, 1, size - 1).add(y.narrow(dim, 0, size - 1));
  if (x === undefined) return heights.mul(dx / 2);
  const along = dim < 0 ? dim + y.ndim : dim;
  const places = x.ndim === 1 ? x.reshape(y.shape.map((_, i) => (i === along ? -1 : 1))) : x;
  const at = x.ndim === 1 ? dim : along - y.ndim;
  const steps = places
    .narrow(at, 1, places.size(at) - 1)
    .sub(places.narrow(at, 0, places.size(at) - 1));
  return heights.mul(steps).div(2);
}

/**
 * The integral of sampled values by the trapezoidal rule along a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.trapezoid.html
 * @category Statistics
 */
export function trapezoid(y: Tensor, options: TrapezoidOptions = {}): Tensor {
  return areas(y, options).sum(options.dim ?? -1);
}
/** The integrals up to each sample by the trapezoidal rule along a dim. @category Statistics */
export function cumulativeTrapezoid(y: Tensor, options: TrapezoidOptions = {}): Tensor {
  return areas(y, options).cumsum(options.dim ?? -1);
}

/**
 * The p-norm distance of each row of `a` to each row of `b`.
 *
 * **Shapes**: `[..., n, k]` and `[..., m, k]` give `[..., n, m]`
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cdist.html
 * @category Statistics
 */
export function cdist(a: Tensor, b: Tensor, { p = 2 }: { readonly p?: number } = {}): Tensor {
  if (a.ndim < 2 || b.ndim < 2 || a.size(-1) !== b.size(-1))
    throw new ShapeError(
      `cdist: Rows do not fit: expected ${a.shape.at(-1)} columns on both sides, ` +
        `received ${b.shape.at(-1)}`,
    );
  return a.unsqueeze(-2).sub(b.unsqueeze(-3)).norm(p, -1);
}

/**
 * Every choice of `r` elements of a vector, a row each, in the vector's order.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.combinations.html
 * @category Statistics
 */
export function combinations(
  input: Tensor,
  r = 2,
  { withReplacement = false }: { readonly withReplacement?: boolean } = {},
): Tensor {
  if (input.ndim !== 1)
    throw new ShapeError(
      `combinations: Tensor is no vector: expected 1 dim, received ${input.ndim}`,
    );
  const size = input.numel();
  const rows: number[][] = [];
  const choose = (row: readonly number[], from: number): void => {
    if (row.length === r) rows.push([...row]);
    else for (let i = from; i < size; i++) choose([...row, i], withReplacement ? i : i + 1);
  };
  choose([], 0);
  if (r === 0) return input.newEmpty([0]);
  const columns = Array.from({ length: r }, (_, column) => {
    const places = Int32Array.from(rows, (row) => row[column] as number);
    return input.indexSelect(0, uploaded(input.device, "int32", [rows.length], places));
  });
  return stack(columns, 1);
}
