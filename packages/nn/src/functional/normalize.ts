// Compositions that are neither ops nor methods of Tensor.
import type { Tensor } from "@tead/tensor";

/** y = e^-x / sum(e^-x) along `dim` */
export function softmin(input: Tensor, dim: number): Tensor {
  return input.neg().softmax(dim);
}

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** The norm's order. Default 2. */
  readonly p?: number;
  /** The dim along which the norm becomes 1. Default 1. */
  readonly dim?: number;
  /** The least norm that is divided by. Default 1e-12. */
  readonly eps?: number;
}

/** y = x / max(norm of x along `dim`, eps) */
export function normalize(
  input: Tensor,
  { p = 2, dim = 1, eps = 1e-12 }: NormalizeOptions = {},
): Tensor {
  return input.div(input.norm(p, dim, { keepDim: true }).clamp(eps));
}
