// Matrix products, and softmax.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { matmulOp } from "../ops/matmul.ts";
import { logSoftmaxOp, softmaxOp } from "../ops/softmax.ts";
import { normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { ViewMethods } from "./view.ts";

/** Factors of `addmm`. */
export interface AddmmOptions {
  readonly beta?: number;
  readonly alpha?: number;
}

export abstract class MatmulMethods extends ViewMethods {
  /**
   * The matrix product, batched and broadcast over leading dims; vectors are rows on the left,
   * columns on the right. Where only the left side has a batch it becomes one large product.
   * @category Linear algebra
   */
  matmul(other: Tensor): Tensor {
    const self = this.self();
    if (self.ndim === 0 || other.ndim === 0)
      throw new ShapeError("matmul: Operand is 0-d: expected at least 1 dim on both sides", {
        hint: "use mul() for a scalar product",
      });
    if (self.ndim === 1)
      return self
        .unsqueeze(0)
        .matmul(other)
        .squeeze(other.ndim === 1 ? 0 : -2);
    if (other.ndim === 1) return self.matmul(other.unsqueeze(1)).squeeze(-1);
    if (self.ndim > 2 && other.ndim === 2 && self.numel() > 0) {
      const rows = self.reshape([-1, self.size(-1)]);
      const product = dispatch(matmulOp, [rows, other], {});
      return product.view([...self.shape.slice(0, -1), other.size(-1)]);
    }
    return dispatch(matmulOp, [self, other], {});
  }
  /** The product of two matrices. @category Linear algebra */
  mm(other: Tensor): Tensor {
    requireRank("mm", [this.self(), other], 2);
    return this.matmul(other);
  }
  /** The products of two batches of matrices. @category Linear algebra */
  bmm(other: Tensor): Tensor {
    requireRank("bmm", [this.self(), other], 3);
    return this.matmul(other);
  }
  /** The product of a matrix and a vector. @category Linear algebra */
  mv(vector: Tensor): Tensor {
    return this.matmul(vector);
  }
  /** The sum of products of two vectors. @category Linear algebra */
  dot(other: Tensor): Tensor {
    requireRank("dot", [this.self(), other], 1);
    return this.matmul(other);
  }
  /** Every product of an element of this vector and one of `other`. @category Linear algebra */
  outer(other: Tensor): Tensor {
    requireRank("outer", [this.self(), other], 1);
    return this.unsqueeze(1).mul(other);
  }
  /** beta * this + alpha * (a b). @category Linear algebra */
  addmm(a: Tensor, b: Tensor, { beta = 1, alpha = 1 }: AddmmOptions = {}): Tensor {
    return this.mul(beta).add(a.mm(b), { alpha });
  }
  /** e^x over its sum along `dim`. @category Activation */
  softmax(dim: number): Tensor {
    return dispatch(softmaxOp, [this.self()], { dim: normalizeDim(dim, this.ndim) });
  }
  /** The logarithm of `softmax(dim)`, without overflow. @category Activation */
  logSoftmax(dim: number): Tensor {
    return dispatch(logSoftmaxOp, [this.self()], { dim: normalizeDim(dim, this.ndim) });
  }
}

function requireRank(op: string, operands: readonly Tensor[], rank: number): void {
  for (const { ndim } of operands)
    if (ndim !== rank)
      throw new ShapeError(
        `${op}: Operand has the wrong rank: expected ${rank} dims, received ${ndim}`,
        {
          hint: "matmul() takes any ranks",
        },
      );
}
