// Matrix products, and softmax.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { matmulOp } from "../ops/matmul.ts";
import { logSoftmaxOp, softmaxOp } from "../ops/softmax.ts";
import { formatShape, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { ViewMethods } from "./view.ts";

/** Factors of `addmm`. */
export interface AddmmOptions {
  readonly beta?: number;
  readonly alpha?: number;
}

export abstract class MatmulMethods extends ViewMethods {
  /**
   * The matrix product, batched and broadcast over leading dims; vectors are rows on the left, columns on
   * the right.
   *
   * **Shapes**: `[n, k] x [k, m] -> [n, m]`, `[..., n, k] x [..., k, m] -> [..., n, m]`, `[k] x [k] -> []`
   *
   * @throws {ShapeError} where the inner sizes differ, or an operand is 0-d
   * @throws {DTypeError} where the dtypes differ
   * @see https://pytorch.org/docs/stable/generated/torch.matmul.html
   * @category Linear algebra
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor, zeros } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const a = tensor([[1, 2], [3, 4]]);
   * assert.deepEqual(a.matmul(a).tolistSync(), [[7, 10], [15, 22]]);
   * assert.deepEqual(zeros([8, 2, 3]).matmul(zeros([3, 5])).shape, [8, 2, 5]);
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
  /** `dot()`: without complex numbers there is nothing to conjugate. @category Linear algebra */
  vdot(other: Tensor): Tensor {
    return this.dot(other);
  }
  /** Every product of an element of this vector and one of `other`. @category Linear algebra */
  outer(other: Tensor): Tensor {
    requireRank("outer", [this.self(), other], 1);
    return this.unsqueeze(1).mul(other);
  }
  /** y = beta * this; where beta is 0, NaN and infinities of this do not count. */
  private timesProduct(beta: number): Tensor | undefined {
    if (beta === 0) return undefined;
    return beta === 1 ? this.self() : this.mul(beta);
  }
  private plusProduct(product: Tensor, { beta = 1, alpha = 1 }: AddmmOptions): Tensor {
    const start = this.timesProduct(beta);
    const scaled = alpha === 1 ? product : product.mul(alpha);
    return start === undefined ? scaled : start.add(scaled);
  }
  /** y = beta * this + alpha * (a b), a and b matrices. @category Linear algebra */
  addmm(a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor {
    return this.plusProduct(a.mm(b), options);
  }
  /** y = beta * this + alpha * (matrix vector). @category Linear algebra */
  addmv(matrix: Tensor, vector: Tensor, options: AddmmOptions = {}): Tensor {
    return this.plusProduct(matrix.mv(vector), options);
  }
  /** y = beta * this + alpha * (a b^T), a and b vectors. @category Linear algebra */
  addr(a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor {
    return this.plusProduct(a.outer(b), options);
  }
  /** y = beta * this + alpha * (a b), a and b batches of matrices. @category Linear algebra */
  baddbmm(a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor {
    return this.plusProduct(a.bmm(b), options);
  }
  /** y = beta * this + alpha * the sum of a batch of products. @category Linear algebra */
  addbmm(a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor {
    return this.plusProduct(a.bmm(b).sum(0), options);
  }
  /** The sum of products over the last dims of both. @category Linear algebra */
  inner(other: Tensor): Tensor {
    if (this.ndim === 0 || other.ndim === 0) return this.mul(other);
    const rows = this.self().reshape([-1, this.size(-1)]);
    const columns = other.reshape([-1, other.size(-1)]);
    return rows
      .matmul(columns.t())
      .reshape([...this.shape.slice(0, -1), ...other.shape.slice(0, -1)]);
  }
  /** The sum of a matrix's diagonal. @category Linear algebra */
  trace(): Tensor {
    requireRank("trace", [this.self()], 2);
    return this.diagonal().sum();
  }
  /** The Kronecker product: each element of this times the whole of `other`. @category Linear algebra */
  kron(other: Tensor): Tensor {
    const rank = Math.max(this.ndim, other.ndim);
    const padded = ({ shape }: Tensor): number[] => [
      ...new Array<number>(rank - shape.length).fill(1),
      ...shape,
    ];
    const [a, b] = [padded(this.self()), padded(other)];
    // [a0, 1, a1, 1] * [1, b0, 1, b1] -> [a0 * b0, a1 * b1]
    const left = this.self().reshape(a.flatMap((size) => [size, 1]));
    const right = other.reshape(b.flatMap((size) => [1, size]));
    return left.mul(right).reshape(a.map((size, i) => size * (b[i] as number)));
  }
  /** The cross product of vectors of 3 along `dim`. @category Linear algebra */
  cross(other: Tensor, dim = -1): Tensor {
    const [a, b] = [this.self(), other];
    if (a.size(dim) !== 3 || b.size(dim) !== 3)
      throw new ShapeError(
        `cross: Vectors do not fit: expected 3 elements along dim ${dim}, ` +
          `received ${a.size(dim)} and ${b.size(dim)}`,
      );
    return a
      .roll(-1, dim)
      .mul(b.roll(1, dim))
      .sub(a.roll(1, dim).mul(b.roll(-1, dim)));
  }
  /** A square matrix, or a batch of them, multiplied by itself `n` times. @category Linear algebra */
  matrixPower(n: number): Tensor {
    if (this.ndim < 2 || this.size(-1) !== this.size(-2) || !Number.isInteger(n) || n < 0)
      throw new ShapeError(
        `matrixPower: Cannot raise ${formatShape(this.shape)} to ${n}: expected square matrices ` +
          "and a power of at least 0",
      );
    if (n === 0) {
      const size = this.size(-1);
      const index = this.newArange(size);
      return index.unsqueeze(1).eq(index).to(this.dtype).expand(this.shape).clone();
    }
    let result: Tensor | undefined;
    let square = this.self();
    for (let rest = n; ; square = square.matmul(square)) {
      if (rest % 2 === 1) result = result === undefined ? square : result.matmul(square);
      rest = Math.floor(rest / 2);
      if (rest === 0) return result as Tensor;
    }
  }
  /**
   * y = e^x / sum(e^x) along `dim`, without overflow.
   *
   * @param dim - the dim whose elements add up to 1
   * @throws {DTypeError} where x is not floating-point
   * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
   * @category Activation
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const p = tensor([1000, 1000], { dtype: "float32" }).softmax(0);
   * assert.deepEqual(p.tolistSync(), [0.5, 0.5]);
   */
  softmax(dim: number): Tensor {
    return dispatch(softmaxOp, [this.self()], { dim: normalizeDim(dim, this.ndim, "softmax") });
  }
  /** The logarithm of `softmax(dim)`, without overflow. @category Activation */
  logSoftmax(dim: number): Tensor {
    return dispatch(logSoftmaxOp, [this.self()], {
      dim: normalizeDim(dim, this.ndim, "logSoftmax"),
    });
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
