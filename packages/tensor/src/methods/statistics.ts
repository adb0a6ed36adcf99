// Statistics of samples: differences, covariance, quantiles, modes, counts and distances.
import { continuation } from "../dynamic.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { cat } from "../ops/join.ts";
import { requireFloat } from "../ops/rules.ts";
import { formatShape, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { ReduceOptions, ValuesAndIndices } from "./reduce.ts";
import { SpecialMethods } from "./special.ts";

/** Options of `diff()`. */
export interface DiffOptions {
  /** How often differences are taken; 1 unless said. */
  readonly n?: number;
  /** The last unless said. */
  readonly dim?: number;
  /** Put before the first element. */
  readonly prepend?: Tensor;
  /** Put after the last element. */
  readonly append?: Tensor;
}
/** Options of `cov()`. */
export interface CovarianceOptions {
  /** Divide by count - correction; 1 unless said. */
  readonly correction?: number;
  /** How often each observation was made: integers. */
  readonly fweights?: Tensor;
  /** How much each observation counts. */
  readonly aweights?: Tensor;
}
/** Options of `quantile()`. */
export interface QuantileOptions extends ReduceOptions {
  /** What lies between two elements; "linear" unless said. */
  readonly interpolation?: "linear" | "lower" | "higher" | "midpoint" | "nearest";
}
/** Options of `bincount()`. */
export interface BincountOptions {
  /** What each element counts; 1 unless said. */
  readonly weights?: Tensor;
  /** How many counts there are at least; 0 unless said. */
  readonly minlength?: number;
}
/** Options of `histc()`. */
export interface HistogramOptions {
  /** How many intervals; 100 unless said. */
  readonly bins?: number;
  /** Where the first begins; the least element unless `min` or `max` is given. */
  readonly min?: number;
  /** Where the last ends; the largest element unless `min` or `max` is given. */
  readonly max?: number;
}

export abstract class StatisticsMethods extends SpecialMethods {
  /**
   * y[i] = x[i + 1] - x[i] along `dim`, `n` times; for bools whether they differ.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.diff.html
   * @category Statistics
   */
  diff({ n = 1, dim = -1, prepend, append }: DiffOptions = {}): Tensor {
    if (n === 0) return this.self();
    const parts = [prepend, this.self(), append].filter((t) => t !== undefined);
    let x = parts.length === 1 ? this.self() : cat(parts, dim);
    for (let i = 0; i < n && x.size(dim) > 0; i++) {
      const [later, earlier] = [
        x.narrow(dim, 1, x.size(dim) - 1),
        x.narrow(dim, 0, x.size(dim) - 1),
      ];
      x = x.dtype === "bool" ? later.logicalXor(earlier) : later.sub(earlier);
    }
    return x;
  }
  /**
   * The covariances of variables: rows are variables, columns observations.
   *
   * **Shapes**: `[variables, observations] -> [variables, variables]`, `[observations] -> []`
   *
   * @see https://pytorch.org/docs/stable/generated/torch.cov.html
   * @category Statistics
   */
  cov({ correction = 1, fweights, aweights }: CovarianceOptions = {}): Tensor {
    if (this.ndim > 2)
      throw new ShapeError(
        `cov: Observations do not fit: expected at most 2 dims, received ${this.ndim}`,
      );
    const rows = this.self().reshape(this.ndim < 2 ? [1, -1] : this.shape);
    const x = rows.dtype === "float64" ? rows : rows.float();
    // Weights are summed in their own dtype, as in PyTorch.
    const weights =
      fweights === undefined || aweights === undefined
        ? (fweights ?? aweights)
        : fweights.mul(aweights);
    const total: Tensor | number = weights === undefined ? x.size(1) : weights.sum();
    const weighted = (t: Tensor): Tensor => (weights === undefined ? t : t.mul(weights));
    const mean = weighted(x).sum(1, { keepDim: true }).div(total);
    const centered = x.sub(mean);
    // With weights of importance, what is taken off counts as much as the observations do.
    const off =
      weights === undefined || aweights === undefined
        ? correction
        : weights.mul(aweights).sum().div(total).mul(correction);
    const divisor =
      typeof total === "number" ? Math.max(total - (off as number), 0) : total.sub(off).clamp(0);
    const result = weighted(centered).matmul(centered.t()).div(divisor);
    return x.size(0) === 1 ? result.reshape([]) : result;
  }
  /** The correlations of variables, in [-1, 1]: rows are variables, columns observations. @category Statistics */
  corrcoef(): Tensor {
    const covariance = this.cov();
    if (covariance.ndim === 0) return covariance.div(covariance);
    const deviation = covariance.diagonal().sqrt();
    return covariance.div(deviation.unsqueeze(1)).div(deviation).clamp(-1, 1);
  }
  /**
   * The values below which the given shares of the elements lie, of all or along `dim`.
   *
   * **Shapes**: a number gives the reduced shape; a vector of shares a new first dim of its size
   *
   * @param q - from 0 to 1
   * @throws {DTypeError} where x is not floating-point, or `q` has another dtype
   * @see https://pytorch.org/docs/stable/generated/torch.quantile.html
   * @category Statistics
   */
  quantile(q: number | Tensor, dim?: number, options?: QuantileOptions): Tensor;
  quantile(q: number | Tensor, options: QuantileOptions): Tensor;
  quantile(q: number | Tensor, first?: number | QuantileOptions, second?: QuantileOptions): Tensor {
    const [dim, options] = typeof first === "object" ? [undefined, first] : [first, second];
    requireFloat(this, "quantile: Input");
    const { ranked, size } = this.rankedLast(dim);
    // NaN stands last in order: one NaN makes the quantile NaN.
    const hasNan = ranked.select(-1, size - 1).isnan();
    const result = this.quantileOf(ranked, q, size - 1, dim, options);
    const spread = this.spreadOver(hasNan, q, dim, options);
    return spread.where(Number.NaN, result);
  }
  /** `quantile()` of the elements that are not NaN. @category Statistics */
  nanquantile(q: number | Tensor, dim?: number, options?: QuantileOptions): Tensor;
  nanquantile(q: number | Tensor, options: QuantileOptions): Tensor;
  nanquantile(
    q: number | Tensor,
    first?: number | QuantileOptions,
    second?: QuantileOptions,
  ): Tensor {
    const [dim, options] = typeof first === "object" ? [undefined, first] : [first, second];
    requireFloat(this, "nanquantile: Input");
    const { ranked } = this.rankedLast(dim);
    const numbers = ranked.isnan().logicalNot().sum(-1, { keepDim: true });
    return this.quantileOf(ranked, q, numbers.sub(1).clamp(0).to(this.dtype), dim, options);
  }
  private rankedLast(dim: number | undefined): { readonly ranked: Tensor; readonly size: number } {
    const flat = dim === undefined || this.ndim === 0;
    const x = flat ? this.self().reshape([-1]) : this.self().movedim(dim, -1);
    const size = x.size(-1);
    if (size === 0)
      throw new ShapeError("quantile: Cannot reduce an empty dim: expected at least one element");
    return { ranked: x.sort(-1).values, size };
  }
  private quantileOf(
    ranked: Tensor,
    q: number | Tensor,
    last: number | Tensor,
    dim: number | undefined,
    options: QuantileOptions = {},
  ): Tensor {
    const shares = typeof q === "number" ? this.newFull([1], q) : q.reshape([-1]);
    if (shares.dtype !== this.dtype)
      throw new DTypeError(
        `quantile: Shares have another dtype: expected ${this.dtype}, received ${shares.dtype}`,
      );
    const { interpolation = "linear" } = options;
    const place = shares.mul(last);
    const low = interpolation === "nearest" ? place.round() : place.floor();
    const high = interpolation === "lower" || interpolation === "nearest" ? low : place.ceil();
    const at = (index: Tensor): Tensor => {
      const along = index.int().expand([...ranked.shape.slice(0, -1), shares.numel()]);
      return ranked.gather(-1, along);
    };
    const below = at(interpolation === "higher" ? high : low);
    const weight = interpolation === "midpoint" ? 0.5 : place.sub(low);
    const between = interpolation === "linear" || interpolation === "midpoint";
    const values = between ? below.lerp(at(high), weight) : below;
    return this.shapedLike(values.movedim(-1, 0), q, dim, options);
  }
  /** `[shares, ...rest]` in the shape that the options ask for. */
  private shapedLike(
    values: Tensor,
    q: number | Tensor,
    dim: number | undefined,
    { keepDim = false }: ReduceOptions = {},
  ): Tensor {
    const single = typeof q === "number" || q.ndim === 0;
    const result = single ? values.select(0, 0) : values;
    if (!keepDim) return result;
    const lead = single ? 0 : 1;
    if (dim === undefined)
      return result.reshape([...result.shape.slice(0, lead), ...this.shape.map(() => 1)]);
    return result.unsqueeze(normalizeDim(dim, this.ndim, "quantile") + lead);
  }
  private spreadOver(
    rows: Tensor,
    q: number | Tensor,
    dim: number | undefined,
    options: ReduceOptions | undefined,
  ): Tensor {
    const count = typeof q === "number" ? 1 : q.numel();
    return this.shapedLike(rows.unsqueeze(0).expand([count, ...rows.shape]), q, dim, options);
  }
  /**
   * The element that occurs most often along `dim` (the least of several) and the index of its last
   * occurrence.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.mode.html
   * @category Statistics
   */
  mode(dim = -1, { keepDim = false }: ReduceOptions = {}): ValuesAndIndices {
    if (this.ndim === 0)
      return { values: this.clone(), indices: this.newZeros([], { dtype: "int32" }) };
    const d = normalizeDim(dim, this.ndim, "mode");
    const x = this.movedim(d, -1);
    const counts = x.detach().unsqueeze(-1).eq(x.detach().unsqueeze(-2)).sum(-1);
    const most = counts.eq(counts.amax(-1, { keepDim: true }));
    // Among the most frequent elements the least one, then the last place that holds it.
    const order = x.detach().sort(-1).indices;
    const first = most.gather(-1, order).int().argmax(-1, { keepDim: true });
    const value = x.detach().gather(-1, order.gather(-1, first));
    const last = x
      .detach()
      .eq(value)
      .mul(x.newArange(x.size(-1)))
      .argmax(-1, { keepDim: true });
    const values = x.gather(-1, last).movedim(-1, d);
    const indices = last.movedim(-1, d);
    return keepDim
      ? { values, indices }
      : { values: values.squeeze(d), indices: indices.squeeze(d) };
  }
  /**
   * How often each of 0, 1, ... occurs in a vector of non-negative integers, or the sum of the weights
   * of its occurrences. How long the result is, is known only by reading, so the call is asynchronous.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.bincount.html
   * @category Statistics
   */
  async bincount(options?: BincountOptions): Promise<Tensor> {
    this.checkCounted();
    const resume = continuation();
    const top = this.numel() === 0 ? -1 : Number(await this.max().item());
    return resume(() => this.countedUpTo(top, options));
  }
  /** `bincount()` at once, where the device can be read at once. @category Statistics */
  bincountSync(options?: BincountOptions): Tensor {
    this.checkCounted();
    const top = this.numel() === 0 ? -1 : Number(this.max().itemSync());
    return this.countedUpTo(top, options);
  }
  private checkCounted(): void {
    if (this.ndim !== 1)
      throw new ShapeError(
        `bincount: Tensor is no vector: expected 1 dim, received ${formatShape(this.shape)}`,
      );
  }
  private countedUpTo(top: number, { weights, minlength = 0 }: BincountOptions = {}): Tensor {
    const float = weights?.dtype === "float32" ? "float32" : "float64";
    const dtype = weights === undefined ? "int32" : float;
    const added = weights?.to(dtype) ?? this.newOnes(this.shape, { dtype });
    return this.newZeros([Math.max(top + 1, minlength)], { dtype }).indexAdd(0, this.self(), added);
  }
  /**
   * How many elements fall into each of `bins` equal intervals from `min` to `max`, the last one closed.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.histc.html
   * @category Statistics
   */
  histc({ bins = 100, min = 0, max = 0 }: HistogramOptions = {}): Tensor {
    const x = this.detach().reshape([-1]);
    const given = min !== 0 || max !== 0;
    const [low, high] =
      given || x.numel() === 0 ? [x.newFull([], min), x.newFull([], max)] : [x.amin(), x.amax()];
    const flat = high.eq(low);
    const [from, to] = [flat.where(low.sub(1), low), flat.where(high.add(1), high)];
    const within = x.ge(from).logicalAnd(x.le(to));
    const place = x
      .sub(from)
      .div(to.sub(from))
      .mul(bins)
      .floor()
      .clamp(0, bins - 1);
    const index = within.where(place, 0).int();
    return x.newZeros([bins]).indexAdd(0, index, within.to(x.dtype));
  }
  /** The p-norm of the difference of two tensors. @category Statistics */
  dist(other: Tensor, p = 2): Tensor {
    return this.sub(other).norm(p);
  }
  /** Each slice of `dim` scaled down to a p-norm of at most `maxnorm`. @category Statistics */
  renorm(p: number, dim: number, maxnorm: number): Tensor {
    const d = normalizeDim(dim, this.ndim, "renorm");
    const others = this.shape.flatMap((_, i) => (i === d ? [] : [i]));
    const size = this.norm(p, others, { keepDim: true });
    // As in PyTorch, a little is added so that nothing is divided by 0.
    const factor = size.gt(maxnorm).where(size.add(1e-7).reciprocal().mul(maxnorm), 1);
    return this.mul(factor);
  }
}
