// Looked-up vectors, summed bag by bag.
import { empty, noGrad, type Tensor } from "@tead/tensor";
import {
  type EmbeddingBagMode,
  embeddingBag,
  type MaxNormOptions,
} from "../functional/embedding-bag.ts";
import { normal_ } from "../init/index.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of {@link EmbeddingBag}. */
export interface EmbeddingBagLayerOptions extends FactoryOptions, MaxNormOptions {
  /** What becomes of a bag's vectors. Default "mean". */
  readonly mode?: EmbeddingBagMode;
  /** The index that counts for nothing; negative counts from the end. */
  readonly paddingIdx?: number | undefined;
  /** Whether a vector's gradient is divided by how often it was looked up. Default false. */
  readonly scaleGradByFreq?: boolean;
  /** Whether the last offset is the end of the last bag. Default false. */
  readonly includeLastOffset?: boolean;
}
type BagArgs = [input: Tensor, offsets?: Tensor, perSampleWeights?: Tensor];

/**
 * The sum, mean or maximum of each bag's learned vectors: `functional.embeddingBag` as a layer.
 *
 * **Shapes**: `input [bags, size]`, or `[n]` with `offsets [bags] -> [bags, embeddingDim]`;
 * `weight [numEmbeddings, embeddingDim]`.
 *
 * @param numEmbeddings - How many vectors.
 * @param embeddingDim - The size of each.
 * @param options - `mode`, `paddingIdx`, `maxNorm`, `normType`, `scaleGradByFreq`,
 * `includeLastOffset`, `device`, `dtype`.
 * @throws RangeError if a size or `paddingIdx` is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { EmbeddingBag } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new EmbeddingBag(10, 3, { mode: "sum" });
 * const bags = layer.forward(tensor([1, 2, 4, 5, 4]), tensor([0, 2]));
 * assert.deepEqual(bags.shape, [2, 3]);
 */
export class EmbeddingBag extends Module<BagArgs> {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly mode: EmbeddingBagMode;
  readonly paddingIdx: number | undefined;
  readonly maxNorm: number | undefined;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  readonly includeLastOffset: boolean;
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagLayerOptions = {}) {
    super();
    checkSize("EmbeddingBag", "numEmbeddings", numEmbeddings);
    checkSize("EmbeddingBag", "embeddingDim", embeddingDim);
    const { paddingIdx } = options;
    if (paddingIdx !== undefined && !(Math.abs(paddingIdx + 0.5) <= numEmbeddings))
      throw new RangeError(
        `EmbeddingBag: Option paddingIdx is not valid: expected an integer from ${-numEmbeddings} to ` +
          `${numEmbeddings - 1}, received ${paddingIdx}`,
      );
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.mode = options.mode ?? "mean";
    this.paddingIdx =
      paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.maxNorm = options.maxNorm;
    this.normType = options.normType ?? 2;
    this.scaleGradByFreq = options.scaleGradByFreq ?? false;
    this.includeLastOffset = options.includeLastOffset ?? false;
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], factory(options)));
    this.resetParameters();
  }

  /** A bag with the given vectors, which are shared, not copied; frozen unless `freeze: false`. */
  static fromPretrained(
    vectors: Tensor,
    { freeze = true, ...options }: EmbeddingBagLayerOptions & { readonly freeze?: boolean } = {},
  ): EmbeddingBag {
    const [count, size] = vectors.shape;
    if (vectors.ndim !== 2)
      throw new RangeError(
        `EmbeddingBag: Vectors do not fit: expected [numEmbeddings, embeddingDim], received ${vectors.ndim} dims`,
      );
    const { device, dtype } = vectors;
    const layer = new EmbeddingBag(0, size as number, {
      ...options,
      paddingIdx: undefined,
      device,
      dtype,
    });
    return Object.assign(layer, {
      numEmbeddings: count,
      paddingIdx: options.paddingIdx,
      weight: new Parameter(vectors, { requiresGrad: !freeze }),
    });
  }

  /** Draws the vectors anew, standard normal. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== undefined) noGrad(() => this.weight.select(0, paddingIdx).zero_());
  }
  override forward(...[input, offsets, perSampleWeights]: BagArgs): Tensor {
    return embeddingBag(input, this.weight, { ...this, offsets, perSampleWeights });
  }
  override extraRepr(): string {
    const { maxNorm, normType, scaleGradByFreq, mode, paddingIdx } = this;
    const parts = [`${this.numEmbeddings}`, ` ${this.embeddingDim}`];
    if (maxNorm !== undefined) parts.push(` max_norm=${pyFloat(maxNorm)}`);
    if (normType !== 2) parts.push(` norm_type=${pyFloat(normType)}`);
    if (scaleGradByFreq) parts.push(` scale_grad_by_freq=${pyValue(true)}`);
    parts.push(` mode=${mode}`);
    if (paddingIdx !== undefined) parts.push(` padding_idx=${paddingIdx}`);
    return parts.join(",");
  }
}
