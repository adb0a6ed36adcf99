// Softmax over many classes, most of them rare: PyTorch's AdaptiveLogSoftmaxWithLoss.
import { cat, ShapeError, type Tensor } from "@tead/tensor";
import { ModuleList } from "../containers/module-list.ts";
import { Sequential } from "../containers/sequential.ts";
import { checkSize, type FactoryOptions } from "../layers/factory.ts";
import { Linear } from "../layers/linear.ts";
import { Module } from "../module/module.ts";

/** Options of {@link AdaptiveLogSoftmaxWithLoss}. */
export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** By what each cluster's features are fewer than those of the one before. Default 4. */
  readonly divValue?: number;
  /** Whether the head has a bias. Default false. */
  readonly headBias?: boolean;
}
/** What {@link AdaptiveLogSoftmaxWithLoss} gives. */
export interface AdaptiveLogSoftmaxOutput {
  /** The logarithm of each target's probability. */
  readonly output: Tensor;
  /** The mean of their negatives. */
  readonly loss: Tensor;
}

/**
 * The negative log likelihood of targets among many classes, sorted by falling frequency: frequent
 * ones in a head, rare ones in clusters of fewer features, each reached through the head.
 *
 * **Shapes**: `input [N, inFeatures]` or `[inFeatures]`, `target [N]` or `[]`; `output` as the
 * target, `loss []`.
 *
 * @param inFeatures - The size of the input.
 * @param nClasses - How many classes.
 * @param cutoffs - Where clusters begin: rising, each below `nClasses`.
 * @param options - `divValue`, `headBias`, `device`, `dtype`.
 * @throws RangeError where the cutoffs do not rise from 1 to below `nClasses`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdaptiveLogSoftmaxWithLoss } from "@tead/nn";
 * import { randn, setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10]);
 * const { output, loss } = layer.forward(randn([3, 16]), tensor([0, 7, 19]));
 * assert.deepEqual([output.shape, loss.shape], [[3], []]);
 */
export class AdaptiveLogSoftmaxWithLoss extends Module<
  [input: Tensor, target: Tensor],
  AdaptiveLogSoftmaxOutput
> {
  readonly inFeatures: number;
  readonly nClasses: number;
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;
  readonly head: Linear;
  readonly tail: ModuleList<Sequential>;

  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    options: AdaptiveLogSoftmaxOptions = {},
  ) {
    super();
    const { divValue = 4, headBias = false, ...made } = options;
    checkSize("AdaptiveLogSoftmaxWithLoss", "inFeatures", inFeatures, 1);
    checkSize("AdaptiveLogSoftmaxWithLoss", "nClasses", nClasses, 2);
    const ends = [...cutoffs, nClasses];
    const rising = ends.every((end, i) => Number.isInteger(end) && end > (ends[i - 1] ?? 0));
    if (cutoffs.length === 0 || !rising)
      throw new RangeError(
        "AdaptiveLogSoftmaxWithLoss: Argument cutoffs is not valid: expected rising integers from 1 " +
          `to ${nClasses - 1}, received [${cutoffs.join(", ")}]`,
      );
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = ends;
    this.divValue = divValue;
    this.headBias = headBias;
    const headSize = (ends[0] as number) + cutoffs.length;
    this.head = new Linear(inFeatures, headSize, { ...made, bias: headBias });
    this.tail = new ModuleList<Sequential>(
      cutoffs.map((start, i) => {
        const features = Math.floor(inFeatures / divValue ** (i + 1));
        const size = (ends[i + 1] as number) - start;
        return new Sequential(
          new Linear(inFeatures, features, { ...made, bias: false }),
          new Linear(features, size, { ...made, bias: false }),
        );
      }),
    );
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    this.head.resetParameters();
    for (const cluster of this.tail)
      for (const layer of cluster) if (layer instanceof Linear) layer.resetParameters();
  }

  override forward(input: Tensor, target: Tensor): AdaptiveLogSoftmaxOutput {
    this.check(input, target);
    const single = target.ndim === 0;
    const x = single ? input.unsqueeze(0) : input;
    const classes = single ? target.unsqueeze(0) : target;
    const head = this.head.forward(x).logSoftmax(1);
    const short = this.cutoffs[0] as number;
    // A class of a cluster is first one of the head's last places.
    const cluster = this.cutoffs
      .slice(0, -1)
      .map((start) => classes.ge(start).to("int32"))
      .reduce((a, b) => a.add(b));
    const place = classes.lt(short).where(classes, cluster.add(short - 1));
    const reached = head.gather(1, place.unsqueeze(1)).squeeze(1);
    const output = [...this.tail].reduce(
      (sum: Tensor, layers, i) => sum.add(this.within(layers, i, x, classes)),
      reached,
    );
    return { output: single ? output.squeeze(0) : output, loss: output.mean().neg() };
  }

  /** The log probability within one cluster of the rows whose class it has, 0 for the others. */
  private within(layers: Sequential, i: number, x: Tensor, classes: Tensor): Tensor {
    const start = this.cutoffs[i] as number;
    const inside = classes.ge(start).logicalAnd(classes.lt(this.cutoffs[i + 1] as number));
    const none = x.newZeros([x.size(0)]);
    if (!x.device.capabilities.syncRead) {
      const index = inside.where(classes.sub(start), 0).unsqueeze(1);
      return inside.where(layers.forward(x).logSoftmax(1).gather(1, index).squeeze(1), 0);
    }
    // Only the rows that need it go through the cluster: that is what it is for.
    const rows = inside.nonzeroSync().squeeze(1);
    if (rows.numel() === 0) return none;
    const index = classes.indexSelect(0, rows).sub(start).unsqueeze(1);
    const logs = layers.forward(x.indexSelect(0, rows)).logSoftmax(1).gather(1, index).squeeze(1);
    return none.indexAdd(0, rows, logs);
  }

  private check(input: Tensor, target: Tensor): void {
    const lead = input.shape.slice(0, -1);
    const fits = input.ndim === target.ndim + 1 && lead.join() === target.shape.join();
    if (!fits || target.ndim > 1 || input.size(-1) !== this.inFeatures)
      throw new ShapeError(
        `Input and target do not fit: expected [N, ${this.inFeatures}] and [N], or without N, ` +
          `received [${input.shape.join(", ")}] and [${target.shape.join(", ")}]`,
        { op: "AdaptiveLogSoftmaxWithLoss" },
      );
    if (!target.device.capabilities.syncRead) return;
    const wrong = Array.from(target.dataSync(), Number).find((c) => c < 0 || c >= this.nClasses);
    if (wrong !== undefined)
      throw new RangeError(
        `AdaptiveLogSoftmaxWithLoss: Target is not valid: expected classes from 0 to ` +
          `${this.nClasses - 1}, received ${wrong}`,
      );
  }

  /** The log probability of every class: `[N, inFeatures] -> [N, nClasses]`. */
  logProb(input: Tensor): Tensor {
    const head = this.head.forward(input).logSoftmax(1);
    const short = this.cutoffs[0] as number;
    const clusters = [...this.tail].map((layers, i) =>
      layers
        .forward(input)
        .logSoftmax(1)
        .add(head.narrow(1, short + i, 1)),
    );
    return cat([head.narrow(1, 0, short), ...clusters], 1);
  }

  /** The likeliest class of each row: `[N, inFeatures] -> [N]`. */
  predict(input: Tensor): Tensor {
    const first = this.head.forward(input).argmax(1);
    const short = first.lt(this.cutoffs[0] as number);
    // Where the head names a cluster, the likeliest of all classes is it.
    return short.where(first, this.logProb(input).argmax(1));
  }
}
