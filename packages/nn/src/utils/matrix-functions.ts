// The exponential of a matrix, and linear equations, in tensor methods: differentiable everywhere.
import { cat, eye, noGrad, type Tensor } from "@tead/tensor";

/** Degree of the Taylor polynomial: 1 / 19! is below a float64's resolution. */
const DEGREE = 18;
/** Squarings where the norm cannot be read at once: enough for norms up to 256. */
const BLIND_SQUARINGS = 8;

/** e^a = (e^(a / 2^s))^(2^s), for a matrix or several `[..., n, n]`. */
export function matrixExp(a: Tensor): Tensor {
  const squarings = noGrad(() => {
    if (!a.device.capabilities.syncRead) return BLIND_SQUARINGS;
    const norm = Number(a.abs().sum(-2).amax().itemSync());
    return norm > 1 ? Math.ceil(Math.log2(norm)) : 0;
  });
  const small = a.div(2 ** squarings);
  const identity = eye(a.size(-1), a);
  // Horner's rule: 1 + x (1 + x / 2 (1 + x / 3 (...)))
  let result = small.div(DEGREE).add(identity);
  for (let k = DEGREE - 1; k >= 1; k--) result = small.div(k).matmul(result).add(identity);
  for (let i = 0; i < squarings; i++) result = result.matmul(result);
  return result;
}

/**
 * x with a x = b, by Gauss-Jordan elimination without pivoting: for matrices whose symmetric part is
 * positive definite.
 */
export function solveDefinite(a: Tensor, b: Tensor): Tensor {
  const n = a.size(-1);
  const identity = eye(n, a);
  let both = cat([a, b], -1);
  for (let i = 0; i < n; i++) {
    const row = both.narrow(-2, i, 1);
    const pivot = row.narrow(-1, i, 1);
    const column = both.narrow(-1, i, 1).sub(identity.narrow(-1, i, 1));
    both = both.sub(column.matmul(row.div(pivot)));
  }
  return both.narrow(-1, n, b.size(-1));
}
