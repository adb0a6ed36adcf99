// Sums, means and maxima of looked-up vectors, bag by bag; and vectors kept within a norm.
import { embedding, noGrad, ShapeError, type Tensor } from "@tead/tensor";
import { positions } from "./host.ts";

/** Options of lookups that keep the vectors that they meet within a norm. */
export interface MaxNormOptions {
  /** The largest norm: longer vectors are shortened, in the table itself, as they are looked up. */
  readonly maxNorm?: number | undefined;
  /** The norm's order. Default 2. */
  readonly normType?: number;
}

/** Shortens the rows of `weight` at `input` to `maxNorm`, in place. */
export function renormalize_(
  weight: Tensor,
  input: Tensor,
  { maxNorm, normType = 2 }: MaxNormOptions,
): void {
  if (maxNorm === undefined) return;
  noGrad(() => {
    const index = input.reshape([-1]);
    const rows = weight.detach().indexSelect(0, index);
    const norms = rows.norm(normType, 1, { keepDim: true });
    const shortened = rows.mul(norms.add(1e-7).rdiv(maxNorm));
    weight.indexCopy_(0, index, norms.gt(maxNorm).where(shortened, rows));
  });
}

/** What becomes of a bag's vectors. */
export type EmbeddingBagMode = "sum" | "mean" | "max";

/** Options of {@link embeddingBag}. */
export interface EmbeddingBagOptions extends MaxNormOptions {
  /** Where each bag of a flat input begins; none for `[bags, size]` inputs. */
  readonly offsets?: Tensor | undefined;
  /** Default "mean". */
  readonly mode?: EmbeddingBagMode;
  /** A factor for each index, of the input's shape, for mode "sum". */
  readonly perSampleWeights?: Tensor | undefined;
  /** The index that counts for nothing; negative counts from the end. */
  readonly paddingIdx?: number | undefined;
  /**
   * Whether a vector's gradient is divided by how often it was looked up. Default false. (PyTorch's
   * CPU build divides by another vector's count where indices repeat.)
   */
  readonly scaleGradByFreq?: boolean;
  /** Whether the last offset is the end of the last bag. Default false. */
  readonly includeLastOffset?: boolean;
}

/** A flat input's indices, each with its bag. */
interface Bags {
  readonly index: Tensor;
  readonly bagOf: Tensor;
  readonly count: number;
  readonly weights: Tensor | undefined;
}

function bagsOf(input: Tensor, options: EmbeddingBagOptions): Bags {
  const { offsets, perSampleWeights, includeLastOffset = false } = options;
  const refuse = (what: string): never => {
    throw new ShapeError(what, {
      op: "embeddingBag",
      operands: [{ name: "input", shape: input.shape, dtype: input.dtype }],
    });
  };
  if (perSampleWeights !== undefined && perSampleWeights.shape.join() !== input.shape.join())
    refuse(
      `perSampleWeights do not fit: expected [${input.shape.join(", ")}], ` +
        `received [${perSampleWeights.shape.join(", ")}]`,
    );
  const index = input.reshape([-1]);
  const weights = perSampleWeights?.reshape([-1]);
  if (input.ndim === 2) {
    if (offsets !== undefined) refuse("Offsets have no use: expected none for [bags, size] inputs");
    const [count, size] = input.shape as [number, number];
    const bagOf = positions(
      input,
      Array.from({ length: count * size }, (_, i) => Math.floor(i / size)),
    );
    return { index, bagOf, count, weights };
  }
  if (input.ndim !== 1 || offsets === undefined || offsets.ndim !== 1)
    refuse("Input does not fit: expected [bags, size], or a flat input with a vector of offsets");
  const starts = offsets as Tensor;
  const count = starts.size(0) - (includeLastOffset ? 1 : 0);
  // One at every offset: the running sum is the number of bags that have begun.
  const begun = input
    .newZeros([index.size(0) + 1], { dtype: "int32" })
    .indexAdd(0, starts.narrow(0, 0, count), starts.newOnes([count], { dtype: "int32" }))
    .cumsum(0);
  return { index, bagOf: begun.narrow(0, 0, index.size(0)).sub(1), count, weights };
}

/** The largest element of each bag in each place, by its position among the rows; -1 for none. */
function largestRows(rows: Tensor, bagOf: Tensor, counted: Tensor, count: number): Int32Array {
  const size = rows.size(1);
  const values = rows.detach().dataSync();
  const bags = bagOf.dataSync();
  const taken = counted.dataSync();
  const best = new Int32Array(count * size).fill(-1);
  for (let i = 0; i < bags.length; i++)
    for (let j = 0; Number(taken[i]) !== 0 && j < size; j++) {
      const place = Number(bags[i]) * size + j;
      const old = best[place] as number;
      if (old < 0 || Number(values[i * size + j]) > Number(values[old * size + j])) best[place] = i;
    }
  return best;
}

function maximum(rows: Tensor, { bagOf, count }: Bags, counted: Tensor): Tensor {
  const size = rows.size(1);
  const best = largestRows(rows, bagOf, counted, count);
  const flat = best.map((row, place) => Math.max(row, 0) * size + (place % size));
  const found = positions(rows, best).ge(0);
  if (rows.numel() === 0) return rows.newZeros([count, size]);
  const read = rows.reshape([-1]).indexSelect(0, positions(rows, flat));
  return found.where(read, 0).reshape([count, size]);
}

/**
 * The sum, mean or maximum of each bag's vectors, without keeping them apart.
 *
 * **Shapes**: `input [bags, size]`, or `[n]` with `offsets [bags] -> [bags, dim]`;
 * `weight [rows, dim]`. Mode "max" reads the vectors on the host.
 *
 * @param options - `offsets`, `mode`, `perSampleWeights`, `paddingIdx`, `maxNorm`, `normType`,
 * `scaleGradByFreq`, `includeLastOffset`.
 * @throws ShapeError where input, offsets and weights do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const table = tensor([[1, 2], [3, 4], [5, 6]]).float();
 * const offsets = tensor([0, 2]);
 * const bags = F.embeddingBag(tensor([0, 2, 1]), table, { offsets });
 * assert.deepEqual(bags.tolistSync(), [[3, 4], [3, 4]]);
 */
export function embeddingBag(
  input: Tensor,
  weight: Tensor,
  options: EmbeddingBagOptions = {},
): Tensor {
  const { mode = "mean", paddingIdx, scaleGradByFreq = false } = options;
  checkMode(mode, options);
  const bags = bagsOf(input, options);
  renormalize_(weight, input, options);
  const padding =
    paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + weight.size(0) : paddingIdx;
  const { index, bagOf, count, weights } = bags;
  const rows = embedding(index, weight, { paddingIdx: padding, scaleGradByFreq });
  const counted = (padding === undefined ? index.onesLike() : index.ne(padding)).to(weight.dtype);
  if (mode === "max") return maximum(rows, bags, counted);
  const shares = (weights === undefined ? counted : weights.mul(counted)).unsqueeze(1);
  const sums = weight.newZeros([count, weight.size(1)]).indexAdd(0, bagOf, rows.mul(shares));
  if (mode === "sum") return sums;
  const sizes = weight.newZeros([count]).indexAdd(0, bagOf, counted).clamp(1);
  return sums.div(sizes.unsqueeze(1));
}

function checkMode(mode: string, { perSampleWeights, scaleGradByFreq }: EmbeddingBagOptions): void {
  const refuse = (option: string, expected: string): never => {
    throw new RangeError(
      `embeddingBag: Option ${option} is not valid: expected ${expected}, received mode "${mode}"`,
    );
  };
  if (!["sum", "mean", "max"].includes(mode)) refuse("mode", '"sum", "mean" or "max"');
  if (perSampleWeights !== undefined && mode !== "sum")
    refuse("perSampleWeights", 'none but for mode "sum"');
  if (scaleGradByFreq && mode === "max") refuse("scaleGradByFreq", 'false for mode "max"');
}
