// Vectors by index.
import { empty, noGrad, type Tensor } from "@tead/tensor";
import { embedding } from "../functional/embedding.ts";
import type { MaxNormOptions } from "../functional/embedding-bag.ts";
import { normal_ } from "../init/index.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of {@link Embedding}. */
export interface EmbeddingLayerOptions extends FactoryOptions, MaxNormOptions {
  /** The index whose vector begins at 0 and stays; negative counts from the end. */
  readonly paddingIdx?: number;
  /** Whether a vector's gradient is divided by how often it was looked up. Default false. */
  readonly scaleGradByFreq?: boolean;
}

/**
 * A learned vector for each index.
 *
 * **Shapes**: `input [...]` of integers `-> [..., embeddingDim]`,
 * `weight [numEmbeddings, embeddingDim]`.
 *
 * @param numEmbeddings - How many vectors.
 * @param embeddingDim - The size of each.
 * @param options - `paddingIdx`, `maxNorm`, `normType`, `scaleGradByFreq`, `device`, `dtype`.
 * @throws RangeError if a size or `paddingIdx` is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Embedding } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new Embedding(10, 3, { paddingIdx: 0 });
 * const y = layer.forward(tensor([[1, 0]]));
 * assert.deepEqual(y.shape, [1, 2, 3]);
 * assert.deepEqual(y.select(0, 0).select(0, 1).tolistSync(), [0, 0, 0]);
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | undefined;
  readonly maxNorm: number | undefined;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingLayerOptions = {}) {
    super();
    checkSize("Embedding", "numEmbeddings", numEmbeddings);
    checkSize("Embedding", "embeddingDim", embeddingDim);
    const { paddingIdx, scaleGradByFreq = false } = options;
    if (paddingIdx !== undefined && !(Math.abs(paddingIdx + 0.5) <= numEmbeddings))
      throw new RangeError(
        `Embedding: Option paddingIdx is not valid: expected an integer from ${-numEmbeddings} to ` +
          `${numEmbeddings - 1}, received ${paddingIdx}`,
      );
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx =
      paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.maxNorm = options.maxNorm;
    this.normType = options.normType ?? 2;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], factory(options)));
    this.resetParameters();
  }

  /**
   * An embedding with the given vectors, which are shared, not copied; frozen unless `freeze:
   * false`.
   */
  static fromPretrained(
    vectors: Tensor,
    { freeze = true, ...options }: EmbeddingLayerOptions & { readonly freeze?: boolean } = {},
  ): Embedding {
    const [count, size] = vectors.shape;
    if (vectors.ndim !== 2)
      throw new RangeError(
        `Embedding: Vectors do not fit: expected [numEmbeddings, embeddingDim], received ${vectors.ndim} dims`,
      );
    const layer = new Embedding(0, size as number, {
      device: vectors.device,
      dtype: vectors.dtype,
    });
    return Object.assign(layer, {
      numEmbeddings: count,
      paddingIdx: options.paddingIdx,
      maxNorm: options.maxNorm,
      normType: options.normType ?? 2,
      scaleGradByFreq: options.scaleGradByFreq ?? false,
      weight: new Parameter(vectors, { requiresGrad: !freeze }),
    });
  }

  /** Draws the vectors anew, standard normal. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== undefined) noGrad(() => this.weight.select(0, paddingIdx).zero_());
  }
  override forward(input: Tensor): Tensor {
    return embedding(input, this.weight, this);
  }
  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.paddingIdx !== undefined) parts.push(`padding_idx=${this.paddingIdx}`);
    if (this.maxNorm !== undefined) parts.push(`max_norm=${pyFloat(this.maxNorm)}`);
    if (this.normType !== 2) parts.push(`norm_type=${pyFloat(this.normType)}`);
    if (this.scaleGradByFreq) parts.push(`scale_grad_by_freq=${pyValue(true)}`);
    return parts.join(", ");
  }
}
