// The whole Transformer: encoder and decoder.
import { full, ShapeError, type Tensor, type TensorOptions } from "@tead/tensor";
import { xavierUniform_ } from "../init/index.ts";
import { Module } from "../module/module.ts";
import { factory } from "./factory.ts";
import { LayerNorm } from "./norm.ts";
import {
  type DecoderMasks,
  TransformerDecoder,
  TransformerDecoderLayer,
} from "./transformer-decoder.ts";
import {
  type EncoderMasks,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "./transformer-encoder.ts";
import { maskOptions, type TransformerLayerOptions } from "./transformer-parts.ts";

/** Options of {@link Transformer}. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** The size of a step. Default 512. */
  readonly dModel?: number;
  /** How many heads the attentions have; a divisor of dModel. Default 8. */
  readonly nhead?: number;
  /** Default 6. */
  readonly numEncoderLayers?: number;
  /** Default 6. */
  readonly numDecoderLayers?: number;
  /** An encoder of your own in place of the standard one. */
  readonly customEncoder?: Module<[src: Tensor, masks?: EncoderMasks]>;
  /** A decoder of your own in place of the standard one. */
  readonly customDecoder?: Module<[tgt: Tensor, memory: Tensor, masks?: DecoderMasks]>;
}

/** What `Transformer.forward` takes beside source and target. */
export interface TransformerMasks extends DecoderMasks {
  /** Which steps of the source a step does not see: `[S, S]` or `[N * heads, S, S]`. True hides. */
  readonly srcMask?: Tensor | undefined;
  /** Steps of the source that nobody sees: `[N, S]`. True hides; a float is added. */
  readonly srcKeyPaddingMask?: Tensor | undefined;
  /** Whether a step of the source sees those up to it only. Default false. */
  readonly srcIsCausal?: boolean | undefined;
}

/**
 * The Transformer of "Attention Is All You Need": an encoder reads the source, a decoder the target
 * and what the encoder made of the source. Embeddings, positions and the last linear layer are
 * yours.
 *
 * **Shapes**: `src [S, N, dModel]`, `tgt [T, N, dModel]` (`N` first with `batchFirst`, or without `N`)
 * `-> [T, N, dModel]`.
 *
 * All weights of at least 2 dims begin uniform, Xavier's way.
 *
 * @param options - `dModel`, `nhead`, `numEncoderLayers`, `numDecoderLayers`, `dimFeedforward`,
 *   `dropout`, `activation`, `customEncoder`, `customDecoder`, `layerNormEps`, `batchFirst`,
 *   `normFirst`, `bias`, `device`, `dtype`.
 * @throws ShapeError if source and target do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Transformer } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const model = new Transformer({
 *   dModel: 8, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 16,
 * });
 * const tgtMask = Transformer.generateSquareSubsequentMask(3);
 * assert.deepEqual(model.forward(ones([5, 2, 8]), ones([3, 2, 8]), { tgtMask }).shape, [3, 2, 8]);
 */
export class Transformer extends Module<
  [src: Tensor, tgt: Tensor, masks?: Tensor | TransformerMasks]
> {
  encoder: Module<[src: Tensor, masks?: EncoderMasks]>;
  decoder: Module<[tgt: Tensor, memory: Tensor, masks?: DecoderMasks]>;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;

  constructor(options: TransformerOptions = {}) {
    super();
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6 } = options;
    const { layerNormEps: eps = 1e-5, batchFirst = false, bias = true } = options;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias, ...factory(options) });
    this.encoder =
      options.customEncoder ??
      new TransformerEncoder(
        new TransformerEncoderLayer(dModel, nhead, options),
        numEncoderLayers,
        { norm: norm() },
      );
    this.decoder =
      options.customDecoder ??
      new TransformerDecoder(
        new TransformerDecoderLayer(dModel, nhead, options),
        numDecoderLayers,
        { norm: norm() },
      );
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
    this.resetParameters();
  }

  /** Draws all weights of at least 2 dims anew. */
  resetParameters(): void {
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
  }

  override forward(src: Tensor, tgt: Tensor, masks: Tensor | TransformerMasks = {}): Tensor {
    this.check(src, tgt);
    const { srcMask, srcKeyPaddingMask, srcIsCausal, ...others } = maskOptions("srcMask", masks);
    const memory = this.encoder.forward(src, {
      mask: srcMask,
      srcKeyPaddingMask,
      isCausal: srcIsCausal,
    });
    return this.decoder.forward(tgt, memory, others);
  }

  private check(src: Tensor, tgt: Tensor): void {
    const batchDim = this.batchFirst ? 0 : 1;
    const problem =
      src.size(-1) !== this.dModel || tgt.size(-1) !== this.dModel
        ? `Source or target does not fit: expected ${this.dModel} features (dModel), received ${src.size(-1)} and ${tgt.size(-1)}`
        : src.ndim === 3 && tgt.ndim === 3 && src.size(batchDim) !== tgt.size(batchDim)
          ? `Source and target do not fit: expected batches of one size, received ${src.size(batchDim)} and ${tgt.size(batchDim)}`
          : undefined;
    if (problem !== undefined) throw new ShapeError(problem, { op: "Transformer" });
  }

  /**
   * A mask that hides later steps: 0 on and below the diagonal, -infinity above.
   *
   * @param size - How many steps.
   * @param options - `device`, `dtype`.
   * @see https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html
   * @example
   * import assert from "node:assert/strict";
   * import { cpu } from "@tead/backend-cpu";
   * import { Transformer } from "@tead/nn";
   * import { setDefaultDevice } from "@tead/tensor";
   * setDefaultDevice(cpu());
   * const mask = Transformer.generateSquareSubsequentMask(2);
   * assert.deepEqual(mask.tolistSync(), [[0, -Infinity], [0, 0]]);
   */
  static generateSquareSubsequentMask(size: number, options: TensorOptions = {}): Tensor {
    const { dtype = "float32", ...where } = options;
    return full([size, size], Number.NEGATIVE_INFINITY, { ...where, dtype }).triu(1);
  }
}
