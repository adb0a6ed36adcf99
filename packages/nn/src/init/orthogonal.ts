// Orthogonal matrices: by Householder reflections, in tensor methods, on every device.
import {
  cat,
  eye,
  type GeneratorOption,
  meta,
  noGrad,
  ShapeError,
  type Tensor,
} from "@tead/tensor";

/** Options of {@link orthogonal_}. */
export interface OrthogonalOptions extends GeneratorOption {
  /** A factor, as `calculateGain` gives it. Default 1. */
  readonly gain?: number;
}

/**
 * Writes a (half-)orthogonal matrix, uniform among all: Q of a normal matrix's QR factors, with the
 * signs that make R's diagonal positive. The dims after the first count as one.
 *
 * @throws ShapeError for fewer than 2 dims
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.orthogonal_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { eye, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = init.orthogonal_(zeros([3, 5]));
 * assert.ok(Number(w.matmul(w.t()).sub(eye(3)).abs().amax().itemSync()) < 1e-5);
 */
export function orthogonal_<T extends Tensor>(tensor: T, options: OrthogonalOptions = {}): T {
  const { gain = 1, ...draw } = options;
  if (tensor.ndim < 2)
    throw new ShapeError(
      `Tensor has the wrong rank: expected at least 2 dims, received ${tensor.ndim}`,
      {
        op: "orthogonal_",
      },
    );
  if (tensor.numel() === 0 || tensor.device === meta()) return tensor;
  return noGrad(() => {
    const rows = tensor.size(0);
    const normal = tensor.newEmpty([rows, tensor.numel() / rows]).normal_(0, 1, draw);
    const wide = rows < normal.size(1);
    const q = orthonormalColumns(wide ? normal.t() : normal);
    return tensor.copy_((wide ? q.t() : q).reshape(tensor.shape)).mul_(gain);
  });
}

/** One reflection for each column: I - factor v v^T, with v of the rows from `row` on. */
export interface Reflection {
  readonly v: Tensor;
  readonly factor: Tensor;
  /** 1 or -1: the sign of R on the diagonal. */
  readonly sign: Tensor;
  /** R's row, from the diagonal on. */
  readonly row: Tensor;
}

/** Takes the reflections that turn a matrix, or several, into R. */
export function reflections(matrix: Tensor): Reflection[] {
  const [rows, columns] = [matrix.size(-2), matrix.size(-1)];
  const found: Reflection[] = [];
  let rest = matrix;
  for (let column = 0; column < Math.min(rows, columns); column++) {
    const x = rest.narrow(-1, 0, 1);
    const head = x.narrow(-2, 0, 1);
    const sign = head.lt(0).where(head.onesLike(), head.onesLike().neg());
    const v = cat(
      [head.sub(sign.mul(x.norm(2, -2, { keepDim: true }))), x.narrow(-2, 1, x.size(-2) - 1)],
      -2,
    );
    const square = v.square().sum(-2, { keepDim: true });
    const factor = square.eq(0).where(0, square.reciprocal().mul(2));
    const after = reflected(rest, v, factor);
    found.push({ v, factor, sign, row: after.narrow(-2, 0, 1) });
    rest = after.narrow(-2, 1, rest.size(-2) - 1).narrow(-1, 1, rest.size(-1) - 1);
  }
  return found;
}

/** (I - factor v v^T) matrix. */
export const reflected = (matrix: Tensor, v: Tensor, factor: Tensor): Tensor =>
  matrix.sub(v.mul(factor).matmul(v.mT.matmul(matrix)));

/** Q of the QR factors of a tall matrix, or several, whose R has a positive diagonal. */
export function orthonormalColumns(matrix: Tensor): Tensor {
  const [rows, columns] = [matrix.size(-2), matrix.size(-1)];
  const found = reflections(matrix);
  let q = eye(rows, columns, matrix).expand(matrix.shape);
  for (let i = found.length - 1; i >= 0; i--) {
    const { v, factor } = found[i] as Reflection;
    const below = reflected(q.narrow(-2, i, rows - i), v, factor);
    q = i === 0 ? below : cat([q.narrow(-2, 0, i), below], -2);
  }
  return q.mul(
    cat(
      found.map(({ sign }) => sign),
      -1,
    ),
  );
}
