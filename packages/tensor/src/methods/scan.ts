// Scans along a dim, norms, and the logarithm of a sum of exponentials.
import { dispatch } from "../dispatch.ts";
import type { DType } from "../dtype.ts";
import { cat } from "../ops/join.ts";
import * as moments from "../ops/moments.ts";
import * as ops from "../ops/reduce.ts";
import { normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type Dims, ReduceMethods, type ReduceOptions } from "./reduce.ts";

export abstract class ScanMethods extends ReduceMethods {
  /** How many elements are other than 0, in int32. @category Reduction */
  countNonzero(dim?: Dims): Tensor {
    return this.ne(0).sum(dim);
  }
  /** y = ln(sum(e^x)) over `dim`, without overflow. @category Reduction */
  logsumexp(dim: Dims, { keepDim = false }: ReduceOptions = {}): Tensor {
    const x = this.self();
    const top = x.detach().amax(dim, { keepDim: true });
    const shift = top.isfinite().where(top, 0);
    const sums = x.sub(shift).exp().sum(dim, { keepDim }).log();
    return sums.add(keepDim ? shift : shift.reshape(sums.shape));
  }
  /** y = (sum of |x|^p)^(1/p) over `dim`; p = 2 (or "fro") unless said, Infinity for the largest |x|. @category Reduction */
  norm(p: number | "fro" = 2, dim?: Dims, options: ReduceOptions = {}): Tensor {
    if (p === "fro") return this.norm(2, dim, options);
    const size = this.abs();
    if (p === Number.POSITIVE_INFINITY) return size.amax(dim, options);
    if (p === Number.NEGATIVE_INFINITY) return size.amin(dim, options);
    if (p === 0) return this.ne(0).to(this.dtype).sum(dim, options);
    if (p === 1) return size.sum(dim, options);
    const attrs = { dims: this.reducedDims(dim, "norm"), keepDim: options.keepDim ?? false };
    if (p === 2) return dispatch(moments.norm2Op, [this.self()], attrs);
    return dispatch(moments.normOp, [this.self()], { ...attrs, p });
  }
  /** y[i] = x[0] + ... + x[i] along `dim`. @category Reduction */
  cumsum(
    dim: number,
    { dtype = ops.sumDType(this.dtype) }: { readonly dtype?: DType } = {},
  ): Tensor {
    return dispatch(ops.cumsumOp, [this.self()], {
      dim: normalizeDim(dim, this.ndim, "cumsum"),
      dtype,
    });
  }
  /** y[i] = x[0] * ... * x[i] along `dim`. @category Reduction */
  cumprod(
    dim: number,
    { dtype = ops.sumDType(this.dtype) }: { readonly dtype?: DType } = {},
  ): Tensor {
    return dispatch(ops.cumprodOp, [this.self()], {
      dim: normalizeDim(dim, this.ndim, "cumprod"),
      dtype,
    });
  }
  /** y[i] = ln(e^x[0] + ... + e^x[i]) along `dim`, without overflow. @category Reduction */
  logcumsumexp(dim: number): Tensor {
    if (this.ndim === 0) return this.clone();
    const d = normalizeDim(dim, this.ndim, "logcumsumexp");
    const size = this.size(d);
    // In log2(size) rounds, each place takes in the sum that ends 1, 2, 4, ... places before.
    let sums = this.self();
    for (let step = 1; step < size; step *= 2) {
      const rest = sums.narrow(d, step, size - step).logaddexp(sums.narrow(d, 0, size - step));
      sums = cat([sums.narrow(d, 0, step), rest], d);
    }
    return sums;
  }
}
