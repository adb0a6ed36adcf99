// The encoder of a Transformer, and its layer.
import type { Tensor } from "@tead/tensor";
import { ModuleList } from "../containers/module-list.ts";
import { Module } from "../module/module.ts";
import { MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { checkSize } from "./factory.ts";
import { Linear } from "./linear.ts";
import { LayerNorm } from "./norm.ts";
import { activationOf, maskOptions, type TransformerLayerOptions } from "./transformer-parts.ts";

/** What `TransformerEncoderLayer.forward` takes beside the sequence. */
export interface EncoderLayerMasks {
  /** Which steps a step does not see: `[S, S]` or `[N * heads, S, S]`. True hides; a float is added. */
  readonly srcMask?: Tensor | undefined;
  /** Steps that nobody sees: `[N, S]`. True hides; a float is added. */
  readonly srcKeyPaddingMask?: Tensor | undefined;
  /** Whether a step sees those up to it only; beside `srcMask` it says that the mask is such. */
  readonly isCausal?: boolean | undefined;
}

/**
 * One layer of an encoder: self-attention, then two linear layers, each with dropout, a residual
 * connection and a norm.
 *
 * x = norm1(x + attention(x)), y = norm2(x + W2 f(W1 x)); with `normFirst` x = x + attention(norm1(x)),
 * y = x + W2 f(W1 norm2(x))
 *
 * **Shapes**: `src [S, N, dModel]` (`[N, S, dModel]` with `batchFirst`, `[S, dModel]` without
 * batch), the output alike.
 *
 * @param dModel - The size of a step.
 * @param nhead - How many heads the attention has; a divisor of dModel.
 * @param options - `dimFeedforward`, `dropout`, `activation`, `layerNormEps`, `batchFirst`,
 *   `normFirst`, `bias`, `device`, `dtype`.
 * @throws RangeError if an argument or an option is not valid.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { TransformerEncoderLayer } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const layer = new TransformerEncoderLayer(16, 4, { dimFeedforward: 32, batchFirst: true });
 * const causal = layer.forward(ones([2, 5, 16]), { isCausal: true });
 * assert.deepEqual(causal.shape, [2, 5, 16]);
 */
export class TransformerEncoderLayer extends Module<
  [src: Tensor, masks?: Tensor | EncoderLayerMasks]
> {
  selfAttn: MultiheadAttention;
  linear1: Linear;
  readonly dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly normFirst: boolean;
  /** What stands between the two linear layers. */
  readonly activation: (input: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout = 0.1, layerNormEps: eps = 1e-5 } = options;
    const { activation = "relu", normFirst = false } = options;
    this.activation = activationOf(this.constructor.name, activation);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { ...options, dropout });
    this.linear1 = new Linear(dModel, dimFeedforward, options);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, options);
    this.norm1 = new LayerNorm(dModel, { ...options, eps });
    this.norm2 = new LayerNorm(dModel, { ...options, eps });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.normFirst = normFirst;
  }

  override forward(src: Tensor, masks: Tensor | EncoderLayerMasks = {}): Tensor {
    const { srcMask, srcKeyPaddingMask, isCausal } = maskOptions("srcMask", masks);
    const options = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal };
    if (this.normFirst) {
      const x = src.add(this.attend(this.norm1.forward(src), options));
      return x.add(this.feedForward(this.norm2.forward(x)));
    }
    const x = this.norm1.forward(src.add(this.attend(src, options)));
    return this.norm2.forward(x.add(this.feedForward(x)));
  }

  private attend(x: Tensor, options: Parameters<MultiheadAttention["forward"]>[3]): Tensor {
    const [y] = this.selfAttn.forward(x, x, x, { ...options, needWeights: false });
    return this.dropout1.forward(y);
  }
  private feedForward(x: Tensor): Tensor {
    const inner = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout2.forward(this.linear2.forward(inner));
  }
}

/** Options of {@link TransformerEncoder} and `TransformerDecoder`. */
export interface TransformerStackOptions {
  /** A norm after the last layer. */
  readonly norm?: LayerNorm;
}

/** What `TransformerEncoder.forward` takes beside the sequence. */
export interface EncoderMasks {
  /** Which steps a step does not see: `[S, S]` or `[N * heads, S, S]`. True hides; a float is added. */
  readonly mask?: Tensor | undefined;
  /** Steps that nobody sees: `[N, S]`. True hides; a float is added. */
  readonly srcKeyPaddingMask?: Tensor | undefined;
  /** Whether a step sees those up to it only; beside `mask` it says that the mask is such. */
  readonly isCausal?: boolean | undefined;
}

/**
 * Encoder layers one after the other: copies of one, each with weights of its own.
 *
 * **Shapes**: as of the layer.
 *
 * @param encoderLayer - The layer to copy; it does not itself become a part.
 * @param numLayers - How many copies.
 * @param options - `norm`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { TransformerEncoder, TransformerEncoderLayer } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const encoder = new TransformerEncoder(new TransformerEncoderLayer(8, 2, { dimFeedforward: 16 }), 3);
 * assert.deepEqual(encoder.forward(ones([5, 2, 8])).shape, [5, 2, 8]);
 * assert.ok("layers.2.self_attn.in_proj_weight" in encoder.stateDict());
 */
export class TransformerEncoder<
  L extends Module<[src: Tensor, masks?: EncoderLayerMasks]> = TransformerEncoderLayer,
> extends Module<[src: Tensor, masks?: Tensor | EncoderMasks]> {
  readonly layers: ModuleList<L>;
  readonly numLayers: number;
  norm: LayerNorm | undefined;

  constructor(encoderLayer: L, numLayers: number, options: TransformerStackOptions = {}) {
    super();
    checkSize("TransformerEncoder", "numLayers", numLayers, 1);
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => encoderLayer.deepCopy()));
    this.numLayers = numLayers;
    this.norm = options.norm;
  }

  override forward(src: Tensor, masks: Tensor | EncoderMasks = {}): Tensor {
    const { mask, srcKeyPaddingMask, isCausal } = maskOptions("mask", masks);
    let x = src;
    for (const layer of this.layers)
      x = layer.forward(x, { srcMask: mask, srcKeyPaddingMask, isCausal });
    return this.norm?.forward(x) ?? x;
  }
}
