// The decoder of a Transformer, and its layer.
import type { Tensor } from "@tead/tensor";
import { ModuleList } from "../containers/module-list.ts";
import { Module } from "../module/module.ts";
import { MultiheadAttention, type MultiheadAttentionForward } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { checkSize } from "./factory.ts";
import { Linear } from "./linear.ts";
import { LayerNorm } from "./norm.ts";
import type { TransformerStackOptions } from "./transformer-encoder.ts";
import { activationOf, maskOptions, type TransformerLayerOptions } from "./transformer-parts.ts";

/** What `TransformerDecoderLayer.forward` takes beside target and memory. */
export interface DecoderMasks {
  /** Which steps of the target a step does not see: `[T, T]` or `[N * heads, T, T]`. True hides. */
  readonly tgtMask?: Tensor | undefined;
  /** Which steps of the memory a step does not see: `[T, S]` or `[N * heads, T, S]`. True hides. */
  readonly memoryMask?: Tensor | undefined;
  /** Steps of the target that nobody sees: `[N, T]`. True hides; a float is added. */
  readonly tgtKeyPaddingMask?: Tensor | undefined;
  /** Steps of the memory that nobody sees: `[N, S]`. True hides; a float is added. */
  readonly memoryKeyPaddingMask?: Tensor | undefined;
  /** Whether a step sees those of the target up to it only. Default false. */
  readonly tgtIsCausal?: boolean | undefined;
  /** Whether a step sees those of the memory up to it only. Default false. */
  readonly memoryIsCausal?: boolean | undefined;
}

/**
 * One layer of a decoder: self-attention, attention to the encoder's memory, then two linear
 * layers, each with dropout, a residual connection and a norm (before it with `normFirst`).
 *
 * **Shapes**: `tgt [T, N, dModel]`, `memory [S, N, dModel]` (`N` first with `batchFirst`, or without
 * `N`) `-> [T, N, dModel]`.
 *
 * @param dModel - The size of a step.
 * @param nhead - How many heads both attentions have; a divisor of dModel.
 * @param options - `dimFeedforward`, `dropout`, `activation`, `layerNormEps`, `batchFirst`,
 *   `normFirst`, `bias`, `device`, `dtype`.
 * @throws RangeError if an argument or an option is not valid.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { TransformerDecoderLayer } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const layer = new TransformerDecoderLayer(16, 4, { dimFeedforward: 32 });
 * const output = layer.forward(ones([3, 2, 16]), ones([5, 2, 16]), { tgtIsCausal: true });
 * assert.deepEqual(output.shape, [3, 2, 16]);
 */
export class TransformerDecoderLayer extends Module<
  [tgt: Tensor, memory: Tensor, masks?: Tensor | DecoderMasks]
> {
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  readonly dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;
  readonly normFirst: boolean;
  /** What stands between the two linear layers. */
  readonly activation: (input: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout = 0.1, layerNormEps: eps = 1e-5 } = options;
    const { activation = "relu", normFirst = false } = options;
    this.activation = activationOf(this.constructor.name, activation);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { ...options, dropout });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { ...options, dropout });
    this.linear1 = new Linear(dModel, dimFeedforward, options);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, options);
    this.norm1 = new LayerNorm(dModel, { ...options, eps });
    this.norm2 = new LayerNorm(dModel, { ...options, eps });
    this.norm3 = new LayerNorm(dModel, { ...options, eps });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.normFirst = normFirst;
  }

  override forward(tgt: Tensor, memory: Tensor, masks: Tensor | DecoderMasks = {}): Tensor {
    const all = maskOptions("tgtMask", masks);
    const own = {
      attnMask: all.tgtMask,
      keyPaddingMask: all.tgtKeyPaddingMask,
      isCausal: all.tgtIsCausal,
    };
    const other = {
      attnMask: all.memoryMask,
      keyPaddingMask: all.memoryKeyPaddingMask,
      isCausal: all.memoryIsCausal,
    };
    if (this.normFirst) {
      let x = tgt.add(this.attend(this.norm1.forward(tgt), own));
      x = x.add(this.attendTo(memory, this.norm2.forward(x), other));
      return x.add(this.feedForward(this.norm3.forward(x)));
    }
    let x = this.norm1.forward(tgt.add(this.attend(tgt, own)));
    x = this.norm2.forward(x.add(this.attendTo(memory, x, other)));
    return this.norm3.forward(x.add(this.feedForward(x)));
  }

  private attend(x: Tensor, options: MultiheadAttentionForward): Tensor {
    const [y] = this.selfAttn.forward(x, x, x, { ...options, needWeights: false });
    return this.dropout1.forward(y);
  }
  private attendTo(memory: Tensor, x: Tensor, options: MultiheadAttentionForward): Tensor {
    const given = { ...options, needWeights: false } as const;
    const [y] = this.multiheadAttn.forward(x, memory, memory, given);
    return this.dropout2.forward(y);
  }
  private feedForward(x: Tensor): Tensor {
    const inner = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout3.forward(this.linear2.forward(inner));
  }
}

/**
 * Decoder layers one after the other: copies of one, each with weights of its own.
 *
 * **Shapes**: as of the layer.
 *
 * @param decoderLayer - The layer to copy; it does not itself become a part.
 * @param numLayers - How many copies.
 * @param options - `norm`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { TransformerDecoder, TransformerDecoderLayer } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const decoder = new TransformerDecoder(new TransformerDecoderLayer(8, 2, { dimFeedforward: 16 }), 2);
 * assert.deepEqual(decoder.forward(ones([3, 2, 8]), ones([5, 2, 8])).shape, [3, 2, 8]);
 */
export class TransformerDecoder<
  L extends Module<[tgt: Tensor, memory: Tensor, masks?: DecoderMasks]> = TransformerDecoderLayer,
> extends Module<[tgt: Tensor, memory: Tensor, masks?: Tensor | DecoderMasks]> {
  readonly layers: ModuleList<L>;
  readonly numLayers: number;
  norm: LayerNorm | undefined;

  constructor(decoderLayer: L, numLayers: number, options: TransformerStackOptions = {}) {
    super();
    checkSize("TransformerDecoder", "numLayers", numLayers, 1);
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => decoderLayer.deepCopy()));
    this.numLayers = numLayers;
    this.norm = options.norm;
  }

  override forward(tgt: Tensor, memory: Tensor, masks: Tensor | DecoderMasks = {}): Tensor {
    const named = maskOptions("tgtMask", masks);
    let x = tgt;
    for (const layer of this.layers) x = layer.forward(x, memory, named);
    return this.norm?.forward(x) ?? x;
  }
}
