// Reductions and scans.
import { dispatch } from "../dispatch.ts";
import type { DType } from "../dtype.ts";
import * as moments from "../ops/moments.ts";
import * as ops from "../ops/reduce.ts";
import { requireFloat } from "../ops/rules.ts";
import { normalizeDim, normalizeDims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { CompareMethods } from "./compare.ts";

/** One dim or several; absent means all. */
export type Dims = number | readonly number[];

/** Options of reductions. */
export interface ReduceOptions {
  /** Keep the reduced dims, with size 1. */
  readonly keepDim?: boolean;
}
/** Options of reductions that may choose their result's dtype. */
export interface TypedReduceOptions extends ReduceOptions {
  /** Convert to this dtype before reducing. */
  readonly dtype?: DType;
}
/** Options of `var`, `std` and their kin. */
export interface VarianceOptions extends ReduceOptions {
  /** Divide by count - correction; 1 unless said (Bessel's). */
  readonly correction?: number;
}
/** What reductions along one dim that remember positions give. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** `(dim, options)`, or options alone. */
function split<O extends object>(
  dim: Dims | O | undefined,
  options: O | undefined,
): [dim: Dims | undefined, options: O] {
  const bare = typeof dim !== "object" || Array.isArray(dim);
  return bare ? [dim as Dims | undefined, options ?? ({} as O)] : [undefined, dim as O];
}
const listOf = (dim: Dims | undefined): readonly number[] | undefined =>
  typeof dim === "number" ? [dim] : dim;

export abstract class ReduceMethods extends CompareMethods {
  /** The dims that a reduction takes. @internal */
  protected reducedDims(dim: Dims | undefined, op: string): number[] {
    const rank = this.ndim;
    if (typeof dim === "number" && rank > 0) return [normalizeDim(dim, rank, op)];
    const dims = normalizeDims(listOf(dim), rank, op);
    return rank === 0 ? [] : dims;
  }

  /**
   * y = sum of x over `dim`, or over all dims.
   *
   * **Dtype**: bools and integers sum in int32 (int64 stays), where PyTorch has int64; a sum that leaves
   * int32 is refused on the CPU. float32 is summed in higher precision and rounded once.
   *
   * @param dim - one dim or several; all unless said
   * @throws {ShapeError} where a dim is out of range or repeats
   * @see https://pytorch.org/docs/stable/generated/torch.sum.html
   * @category Reduction
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * assert.equal(x.sum().itemSync(), 21);
   * assert.deepEqual(x.sum(1).tolistSync(), [6, 15]);
   * assert.deepEqual(x.sum(0, { keepDim: true }).shape, [1, 3]);
   */
  sum(dim?: Dims, options?: TypedReduceOptions): Tensor;
  sum(options: TypedReduceOptions): Tensor;
  sum(first?: Dims | TypedReduceOptions, second?: TypedReduceOptions): Tensor {
    const [dim, { keepDim = false, dtype }] = split(first, second);
    const x = dtype === undefined ? this.self() : this.to(dtype);
    const attrs = {
      dims: this.reducedDims(dim, "sum"),
      keepDim,
      dtype: dtype ?? ops.sumDType(this.dtype),
    };
    return dispatch(ops.sumOp, [x], attrs);
  }
  /**
   * y = mean of x over `dim`, or over all dims.
   *
   * @param dim - one dim or several; all unless said
   * @throws {DTypeError} where x is not floating-point: convert with `.float()`, or pass `dtype`
   * @see https://pytorch.org/docs/stable/generated/torch.mean.html
   * @category Reduction
   */
  mean(dim?: Dims, options?: TypedReduceOptions): Tensor;
  mean(options: TypedReduceOptions): Tensor;
  mean(first?: Dims | TypedReduceOptions, second?: TypedReduceOptions): Tensor {
    const [dim, { keepDim = false, dtype }] = split(first, second);
    const x = dtype === undefined ? this.self() : this.to(dtype);
    return dispatch(ops.meanOp, [x], { dims: this.reducedDims(dim, "mean"), keepDim });
  }
  /** y = product of x over `dim`, or of all. @category Reduction */
  prod(dim?: number, { keepDim = false, dtype }: TypedReduceOptions = {}): Tensor {
    const x = dtype === undefined ? this.self() : this.to(dtype);
    const attrs = {
      dims: this.reducedDims(dim, "prod"),
      keepDim,
      dtype: dtype ?? ops.sumDType(this.dtype),
    };
    return dispatch(ops.prodOp, [x], attrs);
  }
  /** y = largest x over `dim`; ties share the gradient. @category Reduction */
  amax(dim?: Dims, { keepDim = false }: ReduceOptions = {}): Tensor {
    return dispatch(ops.amaxOp, [this.self()], { dims: this.reducedDims(dim, "amax"), keepDim });
  }
  /** y = smallest x over `dim`; ties share the gradient. @category Reduction */
  amin(dim?: Dims, { keepDim = false }: ReduceOptions = {}): Tensor {
    return dispatch(ops.aminOp, [this.self()], { dims: this.reducedDims(dim, "amin"), keepDim });
  }
  /**
   * The int32 index of the first largest element along `dim`, or in the flattened tensor; NaN wins.
   *
   * @throws {ShapeError} where the dim is empty
   * @see https://pytorch.org/docs/stable/generated/torch.argmax.html
   * @category Reduction
   */
  argmax(dim?: number, { keepDim = false }: ReduceOptions = {}): Tensor {
    return this.runArg(ops.argmaxOp, dim, keepDim);
  }
  /** The int32 index of the first smallest element along `dim`, or of all. @category Reduction */
  argmin(dim?: number, { keepDim = false }: ReduceOptions = {}): Tensor {
    return this.runArg(ops.argminOp, dim, keepDim);
  }
  private runArg(
    op: typeof ops.argmaxOp | typeof ops.argminOp,
    dim: number | undefined,
    keepDim: boolean,
  ): Tensor {
    const run = op as typeof ops.argmaxOp;
    if (dim !== undefined)
      return dispatch(run, [this.self()], { dim: normalizeDim(dim, this.ndim, op.name), keepDim });
    const flat = dispatch(run, [this.self().reshape([-1])], { dim: 0, keepDim: false });
    return keepDim ? flat.reshape(this.shape.map(() => 1)) : flat;
  }
  /**
   * The largest element of all, or the largest along `dim` with their int32 indices; NaN wins.
   *
   * Of equal elements the first is taken along a dim; without one they share the gradient.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.max.html
   * @category Reduction
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([[1, 5, 2], [7, 0, 7]]);
   * assert.equal(x.max().itemSync(), 7);
   * const { values, indices } = x.max(1);
   * assert.deepEqual(values.tolistSync(), [5, 7]);
   * assert.deepEqual(indices.tolistSync(), [1, 0]);
   */
  max(): Tensor;
  /** The largest elements along `dim`, and where they stand. @category Reduction */
  max(dim: number, options?: ReduceOptions): ValuesAndIndices;
  max(dim?: number, options: ReduceOptions = {}): Tensor | ValuesAndIndices {
    return dim === undefined
      ? this.amax()
      : this.extremumOf(this.argmax(dim, { keepDim: true }), dim, options);
  }
  /** The smallest element of all. @category Reduction */
  min(): Tensor;
  /** The smallest elements along `dim`, and where they stand. @category Reduction */
  min(dim: number, options?: ReduceOptions): ValuesAndIndices;
  min(dim?: number, options: ReduceOptions = {}): Tensor | ValuesAndIndices {
    return dim === undefined
      ? this.amin()
      : this.extremumOf(this.argmin(dim, { keepDim: true }), dim, options);
  }
  private extremumOf(
    kept: Tensor,
    dim: number,
    { keepDim = false }: ReduceOptions,
  ): ValuesAndIndices {
    if (this.ndim === 0) return { values: this.clone(), indices: kept.reshape([]) };
    const values = this.self().gather(dim, kept);
    if (keepDim) return { values, indices: kept };
    return { values: values.squeeze(dim), indices: kept.squeeze(dim) };
  }
  private varianceOf(
    op: string,
    dim: Dims | undefined,
    { keepDim = false, correction = 1 }: VarianceOptions,
  ) {
    return { dims: this.reducedDims(dim, op), keepDim, correction };
  }
  /**
   * y = sum of (x - mean)^2 / (count - correction) over `dim`, in two passes.
   *
   * @param dim - one dim or several; all unless said
   * @throws {DTypeError} where x is not floating-point
   * @see https://pytorch.org/docs/stable/generated/torch.var.html
   * @category Reduction
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([1, 2, 3, 4], { dtype: "float64" });
   * assert.equal(x.var().itemSync(), 5 / 3);
   * assert.equal(x.var({ correction: 0 }).itemSync(), 1.25);
   */
  var(dim?: Dims, options?: VarianceOptions): Tensor;
  var(options: VarianceOptions): Tensor;
  var(first?: Dims | VarianceOptions, second?: VarianceOptions): Tensor {
    return dispatch(moments.varOp, [this.self()], this.varianceOf("var", ...split(first, second)));
  }
  /** y = square root of `var()`. @category Reduction */
  std(options: VarianceOptions): Tensor;
  std(dim?: Dims, options?: VarianceOptions): Tensor;
  std(first?: Dims | VarianceOptions, second?: VarianceOptions): Tensor {
    return dispatch(moments.stdOp, [this.self()], this.varianceOf("std", ...split(first, second)));
  }
  /** `var()` and `mean()` together. @category Reduction */
  varMean(
    dim?: Dims,
    options: VarianceOptions = {},
  ): { readonly var: Tensor; readonly mean: Tensor } {
    return { var: this.var(dim, options), mean: this.mean(dim, options) };
  }
  /** `std()` and `mean()` together. @category Reduction */
  stdMean(
    dim?: Dims,
    options: VarianceOptions = {},
  ): { readonly std: Tensor; readonly mean: Tensor } {
    return { std: this.std(dim, options), mean: this.mean(dim, options) };
  }
  /** `sum()` with NaN as 0. @category Reduction */
  nansum(dim?: Dims, options?: TypedReduceOptions): Tensor {
    return this.isnan().where(0, this.self()).to(this.dtype).sum(dim, options);
  }
  /** `mean()` of the elements that are not NaN. @category Reduction */
  nanmean(dim?: Dims, { keepDim }: ReduceOptions = {}): Tensor {
    requireFloat(this, "Input of nanmean");
    return this.nansum(dim, { keepDim }).div(this.isnan().logicalNot().sum(dim, { keepDim }));
  }
  /** `amin()` and `amax()` together. @category Reduction */
  aminmax(
    dim?: number,
    options: ReduceOptions = {},
  ): { readonly min: Tensor; readonly max: Tensor } {
    return { min: this.amin(dim, options), max: this.amax(dim, options) };
  }
  /** Whether all elements are other than 0: bool, but uint8 stays uint8 as in PyTorch. @category Reduction */
  all(dim?: number, options: ReduceOptions = {}): Tensor {
    const isFalse = this.dtype === "bool" ? this.self().logicalNot() : this.eq(0);
    const result = isFalse.sum(dim, options).eq(0);
    return this.dtype === "uint8" ? result.to("uint8") : result;
  }
  /** Whether any element is other than 0: bool, but uint8 stays uint8 as in PyTorch. @category Reduction */
  any(dim?: number, options: ReduceOptions = {}): Tensor {
    const isTrue = this.dtype === "bool" ? this.self() : this.ne(0);
    const result = isTrue.sum(dim, options).ne(0);
    return this.dtype === "uint8" ? result.to("uint8") : result;
  }
}
