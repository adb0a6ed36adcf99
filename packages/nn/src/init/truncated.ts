// Normal numbers within bounds, and sparse matrices: PyTorch's draws.
import {
  type GeneratorOption,
  meta,
  noGrad,
  randperm,
  ShapeError,
  type Tensor,
} from "@tead/tensor";

/** Options of {@link truncNormal_}. */
export interface TruncNormalOptions extends GeneratorOption {
  /** The least value. Default -2. */
  readonly a?: number;
  /** The largest value. Default 2. */
  readonly b?: number;
}

/** The error function, to 2e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const sum = series.reduce((value, c) => value * t + c, 0) * t;
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

/** How often values out of bounds are drawn anew where the device cannot tell whether any are left. */
const BLIND_ROUNDS = 64;

/** Redraws values until none is `pending`: `draw` gives new values and which of them are. */
function redrawn(first: readonly [Tensor, Tensor], draw: () => readonly [Tensor, Tensor]): Tensor {
  let [values, pending] = first;
  const { syncRead } = values.device.capabilities;
  for (let round = 0; syncRead || round < BLIND_ROUNDS; round++) {
    if (syncRead && pending.any().itemSync() === false) break;
    const [fresh, again] = draw();
    values = pending.where(fresh, values);
    pending = pending.where(again, pending);
  }
  return values;
}

/**
 * Writes normal numbers, drawn again where they are out of [a, b]: those of PyTorch 2.13, whose
 * rule is another than that of earlier versions.
 *
 * @param mean - The mean of the whole distribution. Default 0.
 * @param std - Its standard deviation. Default 1.
 * @param options - `a`, `b`, `generator`.
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = init.truncNormal_(zeros([100]), 0, 1, { a: -1, b: 1 });
 * assert.ok(Number(w.abs().amax().itemSync()) <= 1);
 */
export function truncNormal_<T extends Tensor>(
  tensor: T,
  mean = 0,
  std = 1,
  options: TruncNormalOptions = {},
): T {
  const { a = -2, b = 2, ...draw } = options;
  if (tensor.device === meta()) return tensor;
  const below = (x: number): number => (1 + erf((x - mean) / std / Math.SQRT2)) / 2;
  const empty = (): Tensor => tensor.newEmpty(tensor.shape);
  return noGrad(() => {
    if (below(b) - below(a) > 0.3) {
      const normal = (): [Tensor, Tensor] => {
        const x = empty().normal_(mean, std, draw);
        return [x, x.lt(a).logicalOr(x.gt(b))];
      };
      return tensor.copy_(redrawn(normal(), normal)).clamp_(a, b);
    }
    // Few normal numbers fall into the bounds: uniform ones are kept by their density.
    const peak = -0.5 * ((Math.max(a, Math.min(mean, b)) - mean) / std) ** 2;
    const uniform = (): [Tensor, Tensor] => {
      const x = empty().uniform_(a, b, draw);
      const density = x.sub(mean).div(std).square().mul(-0.5).sub(peak);
      return [x, empty().uniform_(0, 1, draw).log().gt(density)];
    };
    return tensor.copy_(redrawn(uniform(), uniform));
  });
}

/** Options of {@link sparse_}. */
export interface SparseOptions extends GeneratorOption {
  /** The standard deviation of what is not 0. Default 0.01. */
  readonly std?: number;
}

/**
 * Writes normal numbers into a matrix, and zeros over a share of each column.
 *
 * @param tensor - `[rows, columns]`.
 * @param sparsity - The share, rounded up to whole rows.
 * @param options - `std`, `generator`.
 * @throws ShapeError unless the tensor has 2 dims
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.sparse_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(init.sparse_(zeros([4, 2]), 0.5).eq(0).sum(0).tolistSync(), [2, 2]);
 */
export function sparse_<T extends Tensor>(
  tensor: T,
  sparsity: number,
  { std = 0.01, ...draw }: SparseOptions = {},
): T {
  if (tensor.ndim !== 2)
    throw new ShapeError(`Tensor has the wrong rank: expected 2 dims, received ${tensor.ndim}`, {
      op: "sparse_",
    });
  if (tensor.device === meta()) return tensor;
  const [rows, columns] = tensor.shape as readonly [number, number];
  const zeros = Math.ceil(sparsity * rows);
  return noGrad(() => {
    tensor.normal_(0, std, draw);
    for (let column = 0; column < columns; column++) {
      const chosen = randperm(rows, { device: tensor.device }).narrow(0, 0, zeros);
      tensor.select(1, column).indexFill_(0, chosen, 0);
    }
    return tensor;
  });
}
