// Attention with several heads and learned projections.
import { cat, empty, ShapeError, type Tensor } from "@tead/tensor";
import { attend, attendWhole } from "../functional/attention.ts";
import { linear } from "../functional/linear.ts";
import { xavierNormal_, xavierUniform_, zeros_ } from "../init/index.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { type AttentionMasks, type MergedMask, mergedMask } from "./attention-masks.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";
import { Linear } from "./linear.ts";

/** Options of {@link MultiheadAttention}. */
export interface MultiheadAttentionOptions extends FactoryOptions {
  /** The probability of dropping a weight, in training. Default 0. */
  readonly dropout?: number;
  /** Whether the projections have biases. Default true. */
  readonly bias?: boolean;
  /** Whether to add one learned key and value. Default false. */
  readonly addBiasKv?: boolean;
  /** Whether to add one key and value of zeros. Default false. */
  readonly addZeroAttn?: boolean;
  /** The size of keys. Default embedDim. */
  readonly kdim?: number;
  /** The size of values. Default embedDim. */
  readonly vdim?: number;
  /** Whether sequences are `[batch, steps, size]` and not `[steps, batch, size]`. Default false. */
  readonly batchFirst?: boolean;
}

/** Options of `MultiheadAttention.forward`. */
export interface MultiheadAttentionForward extends AttentionMasks {
  /** Whether to give the weights; without them it is faster. Default true. */
  readonly needWeights?: boolean;
  /** Whether the weights are averaged over heads. Default true. */
  readonly averageAttnWeights?: boolean;
}

/**
 * A {@link Linear} under the name that PyTorch gives the output projection of attention, which
 * printouts show. It is exported so that saved models can name it.
 */
export class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Attention of several heads: each projects query, key and value to embedDim / numHeads sizes and
 * computes softmax(Q K^T / sqrt(size)) V; their results side by side are projected once more.
 *
 * **Shapes** (L queries, S keys, batch N): `query [L, N, embedDim]`, `key [S, N, kdim]`,
 * `value [S, N, vdim] -> [L, N, embedDim]`, all `[N, L, ...]` with `batchFirst`, or all without `N`.
 * The weights are `[N, L, S]`, or `[N, numHeads, L, S]` where they are not averaged.
 *
 * The inputs have the dtype of the weights.
 *
 * @param embedDim - The size of queries and results.
 * @param numHeads - How many heads; a divisor of embedDim.
 * @param options - `dropout`, `bias`, `addBiasKv`, `addZeroAttn`, `kdim`, `vdim`, `batchFirst`,
 *   `device`, `dtype`.
 * @throws RangeError if the heads do not divide embedDim.
 * @throws ShapeError if inputs or masks do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MultiheadAttention } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const attention = new MultiheadAttention(8, 2, { batchFirst: true });
 * const [query, memory] = [ones([3, 4, 8]), ones([3, 6, 8])];
 * const [output, weights] = attention.forward(query, memory, memory);
 * assert.deepEqual([output.shape, weights.shape], [[3, 4, 8], [3, 4, 6]]);
 */
export class MultiheadAttention extends Module<
  [query: Tensor, key: Tensor, value: Tensor, options?: MultiheadAttentionForward],
  readonly [output: Tensor, weights: Tensor | undefined]
> {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  inProjWeight: Parameter | undefined;
  qProjWeight: Parameter | undefined;
  kProjWeight: Parameter | undefined;
  vProjWeight: Parameter | undefined;
  inProjBias: Parameter | undefined;
  biasK: Parameter | undefined;
  biasV: Parameter | undefined;
  outProj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    const { dropout = 0, bias = true, addBiasKv = false, batchFirst = false } = options;
    const { kdim = embedDim, vdim = embedDim, addZeroAttn = false } = options;
    checkArguments({ embedDim, numHeads, kdim, vdim, dropout });
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.kdim = kdim;
    this.vdim = vdim;
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    const values = (...shape: number[]): Parameter => new Parameter(empty(shape, factory(options)));
    if (kdim === embedDim && vdim === embedDim) {
      this.inProjWeight = values(3 * embedDim, embedDim);
    } else {
      this.qProjWeight = values(embedDim, embedDim);
      this.kProjWeight = values(embedDim, kdim);
      this.vProjWeight = values(embedDim, vdim);
    }
    this.inProjBias = bias ? values(3 * embedDim) : undefined;
    this.biasK = addBiasKv ? values(1, 1, embedDim) : undefined;
    this.biasV = addBiasKv ? values(1, 1, embedDim) : undefined;
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { ...options, bias });
    this.resetParameters();
  }

  /** Draws the projections anew, Xavier's way; biases become 0. The output's weight stays. */
  resetParameters(): void {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, biasK, biasV } = this;
    for (const weight of [inProjWeight, qProjWeight, kProjWeight, vProjWeight])
      if (weight !== undefined) xavierUniform_(weight);
    if (this.inProjBias !== undefined) zeros_(this.inProjBias);
    if (this.outProj.bias !== undefined) zeros_(this.outProj.bias);
    if (biasK !== undefined) xavierNormal_(biasK);
    if (biasV !== undefined) xavierNormal_(biasV);
  }

  /** The result alone: the faster way. */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadAttentionForward & { readonly needWeights: false },
  ): readonly [output: Tensor, weights: undefined];
  /** The result, and the weights of what each query took. */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: MultiheadAttentionForward & { readonly needWeights?: true },
  ): readonly [output: Tensor, weights: Tensor];
  /** The result, and the weights where they are asked for. */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: MultiheadAttentionForward,
  ): readonly [output: Tensor, weights: Tensor | undefined];
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadAttentionForward = {},
  ): readonly [output: Tensor, weights: Tensor | undefined] {
    this.check(query, key, value);
    if (query.ndim === 3) return this.forwardBatch(query, key, value, options);
    const batchDim = this.batchFirst ? 0 : 1;
    const [q, k, v] = [query, key, value].map((t) => t.unsqueeze(batchDim)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const keyPaddingMask = options.keyPaddingMask?.unsqueeze(0);
    const [output, weights] = this.forwardBatch(q, k, v, { ...options, keyPaddingMask });
    return [output.squeeze(batchDim), weights?.squeeze(0)];
  }

  private forwardBatch(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadAttentionForward,
  ): readonly [output: Tensor, weights: Tensor | undefined] {
    const { needWeights = true, averageAttnWeights = true } = options;
    const [batchDim, stepDim] = this.batchFirst ? [0, 1] : [1, 0];
    const heads = this.numHeads;
    const [batch, queries, keys] = [query.size(batchDim), query.size(stepDim), key.size(stepDim)];
    const [q, k, v] = this.projected(query, key, value);
    const extra = k.size(stepDim) - keys;
    const p = this.training ? this.dropout : 0;
    const scale = 1 / Math.sqrt(q.size(-1));
    const masked = (): MergedMask =>
      mergedMask(query, options, { batch, heads, queries, keys, extra });
    const whole = (): Tensor => {
      const causal = isOnlyCausal(options) && extra === 0;
      const mask = causal ? undefined : seen(masked());
      return attendWhole(q, k, v, { scale, causal, mask, p, rowDim: stepDim - q.ndim });
    };
    // [N, L, heads, size] or [L, N, heads, size] -> [N, heads, L, size], for the weights alone:
    // else heads stay side by side, as they are projected, and nothing is brought in another order.
    const weighted = (): readonly [Tensor, Tensor] => {
      const [ql, kl, vl] = [q, k, v].map((t) => t.movedim(stepDim, 2)) as [Tensor, Tensor, Tensor];
      const [output, weights] = attend(ql, kl, vl, { ...masked(), p, scale });
      return [output.movedim(2, stepDim), weights];
    };
    const [attended, weights] = needWeights ? weighted() : [whole(), undefined];
    const output = this.outProj.forward(attended.flatten(2));
    return [output, averageAttnWeights ? weights?.mean(1) : weights];
  }

  /**
   * Query, key and value, the heads side by side, with the added keys and values:
   * [N, steps, heads, size] with `batchFirst`, else [steps, N, heads, size].
   */
  private projected(query: Tensor, key: Tensor, value: Tensor): readonly [Tensor, Tensor, Tensor] {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, biasK, biasV } = this;
    const weights = inProjWeight?.chunk(3, 0) ?? [qProjWeight, kProjWeight, vProjWeight];
    const biases = this.inProjBias?.chunk(3, 0) ?? [];
    const added = [undefined, biasK, biasV];
    const projected = [query, key, value].map((t, i) => {
      const y = linear(t, weights[i] as Tensor, biases[i]);
      const more = added[i];
      const longer = more === undefined ? y : this.withStep(y, more);
      const all = i > 0 && this.addZeroAttn ? this.withZeros(longer) : longer;
      return all.unflatten(-1, [this.numHeads, -1]);
    });
    return projected as [Tensor, Tensor, Tensor];
  }
  /** One more step with the same values for the whole batch. */
  private withStep(t: Tensor, step: Tensor): Tensor {
    const [n, dim] = this.batchFirst ? [t.size(0), 1] : [t.size(1), 0];
    const { embedDim } = this;
    return cat([t, step.expand(this.batchFirst ? [n, 1, embedDim] : [1, n, embedDim])], dim);
  }
  /** One more step of zeros. */
  private withZeros(t: Tensor): Tensor {
    return t.pad(this.batchFirst ? [0, 0, 0, 1] : [0, 0, 0, 0, 0, 1]);
  }

  private check(query: Tensor, key: Tensor, value: Tensor): void {
    const { embedDim, kdim, vdim, batchFirst } = this;
    const refuse = (message: string): never => {
      const operands = Object.entries({ query, key, value }).map(
        ([name, { shape, dtype, device }]) => ({ name, shape, dtype, device: device.name }),
      );
      throw new ShapeError(message, { op: "MultiheadAttention", operands });
    };
    if (query.ndim !== 2 && query.ndim !== 3)
      refuse(`Query has the wrong rank: expected 2 or 3 dims, received ${query.ndim}`);
    const sizes = [embedDim, kdim, vdim];
    for (const [i, t] of [query, key, value].entries()) {
      const name = ["Query", "Key", "Value"][i];
      if (t.ndim !== query.ndim)
        refuse(`${name} has the wrong rank: expected ${query.ndim} dims, received ${t.ndim}`);
      if (t.size(-1) !== sizes[i])
        refuse(`${name} does not fit: expected ${sizes[i]} features, received ${t.size(-1)}`);
    }
    const others = [...key.shape.slice(0, -1), vdim];
    if (value.shape.join() !== others.join())
      refuse(
        `Value does not fit key: expected [${others.join(", ")}], received [${value.shape.join(", ")}]`,
      );
    const batchDim = batchFirst ? 0 : 1;
    if (query.ndim === 3 && key.size(batchDim) !== query.size(batchDim))
      refuse(
        `Key does not fit query: expected a batch of ${query.size(batchDim)}, received ${key.size(batchDim)}`,
      );
  }
}

/** Whether no mask but the causal one is asked for. */
const isOnlyCausal = ({ isCausal = false, attnMask, keyPaddingMask }: AttentionMasks): boolean =>
  isCausal && attnMask === undefined && keyPaddingMask === undefined;

/** The mask as attention takes it: true where a query sees a key. */
const seen = ({ blocked, added }: MergedMask): Tensor | undefined => blocked?.logicalNot() ?? added;

function checkArguments(given: {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
}): void {
  const { embedDim, numHeads, kdim, vdim, dropout } = given;
  const layer = "MultiheadAttention";
  for (const [name, size] of Object.entries({ embedDim, numHeads, kdim, vdim }))
    checkSize(layer, name, size, 1);
  if (embedDim % numHeads !== 0)
    throw new RangeError(
      `${layer}: Argument numHeads is not valid: expected a divisor of ${embedDim} (embedDim), received ${numHeads}`,
    );
  if (!(dropout >= 0 && dropout <= 1))
    throw new RangeError(
      `${layer}: Option dropout is not valid: expected a probability from 0 to 1, received ${dropout}`,
    );
}
