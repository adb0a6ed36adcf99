// Layers over channels: another order, and normalization across neighbours.
import { avgPool3d, pad, ShapeError, type Tensor } from "@tead/tensor";
import { channelShuffle } from "../functional/channels.ts";
import { factors } from "../functional/host.ts";
import type { LocalResponseNormOptions } from "../functional/vision.ts";
import { pyFloat } from "../module/describe.ts";
import { Module } from "../module/module.ts";

/**
 * Channels of `groups` groups dealt out one by one: `functional.channelShuffle` as a layer.
 *
 * **Shapes**: `input [N, C, ...]`, the output alike.
 *
 * @param groups - Into how many groups the channels are split.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ChannelShuffle } from "@tead/nn";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new ChannelShuffle(2).forward(arange(4).reshape(1, 4, 1));
 * assert.deepEqual(y.flatten().tolistSync(), [0, 2, 1, 3]);
 */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }
  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }
  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}

/** The sum of each channel's `before` predecessors, itself and its `after` successors. */
function sumOfNeighbours(x: Tensor, before: number, after: number): Tensor {
  const around = pad(x.unsqueeze(1), [0, 0, 0, 0, before, after]);
  const options = { stride: 1, divisorOverride: 1 };
  return avgPool3d(around, [before + 1 + after, 1, 1], options).squeeze(1);
}

/**
 * y = x / (k + alpha / size * sum of x^2 over the neighbouring channels)^beta
 *
 * For networks that were trained with it: values and gradients are PyTorch's, which keep the first
 * channel in every later sum and look one channel too far ahead in the gradient. New networks take
 * `LocalResponseNorm`.
 *
 * **Shapes**: `input [N, C, H, W]`, the output alike.
 *
 * @param size - How many channels.
 * @param options - `alpha` (1e-4 unless said), `beta` (0.75), `k` (1).
 * @throws ShapeError for another rank.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CrossMapLRN2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new CrossMapLRN2d(1, { alpha: 3, beta: 0.5 });
 * assert.equal(layer.forward(ones([1, 1, 1, 1])).itemSync(), 0.5);
 */
export class CrossMapLRN2d extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}) {
    super();
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }
  override forward(input: Tensor): Tensor {
    const { shape, dtype } = input;
    if (shape.length !== 4)
      throw new ShapeError(
        `Input has the wrong rank: expected [N, C, H, W], received ${shape.length} dims`,
        { op: "CrossMapLRN2d", operands: [{ name: "input", shape, dtype }] },
      );
    const { size, alpha, beta, k } = this;
    const side = Math.floor((size - 1) / 2);
    const squares = input.detach().square();
    const beyond = factors(
      input,
      Array.from({ length: input.size(1) }, (_, c) => (c > side ? 1 : 0)),
      [input.size(1), 1, 1],
    );
    // Channels that the first one is not next to have its square nevertheless.
    const sums = sumOfNeighbours(squares, side, side).add(squares.narrow(1, 0, 1).mul(beyond));
    const scale = sums.mul(alpha / size).add(k);
    const y = input.mul(scale.pow(-beta));
    // A term of value 0, for the gradient alone.
    const ahead = Math.floor(size - (size - 1) / 2);
    const window = sumOfNeighbours(input.square(), Math.max(size - 1 - ahead, 0), ahead);
    const slope = y
      .detach()
      .div(scale)
      .mul((-alpha * beta) / size)
      .mul(window);
    return y.add(slope.sub(slope.detach()));
  }
  override extraRepr(): string {
    const { size, alpha, beta, k } = this;
    return `${size}, alpha=${pyFloat(alpha)}, beta=${pyFloat(beta)}, k=${pyFloat(k)}`;
  }
}
