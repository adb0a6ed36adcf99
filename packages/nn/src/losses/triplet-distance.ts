// Triplets by a distance of your own.
import type { Tensor } from "@tead/tensor";
import {
  type DistanceFunction,
  type TripletMarginWithDistanceOptions,
  tripletMarginWithDistanceLoss,
} from "../functional/triplet-distance.ts";
import { PairwiseDistance } from "../layers/distance.ts";
import type { Module } from "../module/module.ts";
import { Loss } from "./loss.ts";

/** A distance: a function, or a module of two inputs, whose parameters the loss then has. */
export type Distance = DistanceFunction | Module<[a: Tensor, b: Tensor]>;

/** Options of {@link TripletMarginWithDistanceLoss}. */
export interface TripletMarginWithDistanceLossOptions
  extends Omit<TripletMarginWithDistanceOptions, "distanceFunction"> {
  /** The distance. Default `PairwiseDistance`. */
  readonly distanceFunction?: Distance | undefined;
}
type Triplet = [anchor: Tensor, positive: Tensor, negative: Tensor];

/**
 * Anchors nearer to positives than to negatives by a margin, with a distance of your own:
 * `functional.tripletMarginWithDistanceLoss` as a module.
 *
 * **Shapes**: `anchor`, `positive`, `negative [N, ...]`, what `distanceFunction` takes `-> []`.
 *
 * @param options - `distanceFunction` (`PairwiseDistance` unless said), `margin` (1
 * unless said), `swap`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F, TripletMarginWithDistanceLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const distanceFunction = (a: Tensor, b: Tensor) => F.cosineSimilarity(a, b).rsub(1);
 * const criterion = new TripletMarginWithDistanceLoss({ distanceFunction });
 * const x = ones([2, 3]);
 * assert.equal(criterion.forward(x, x, x).itemSync(), 1);
 */
export class TripletMarginWithDistanceLoss extends Loss<Triplet> {
  readonly distanceFunction: Distance;
  readonly margin: number;
  readonly swap: boolean;

  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    super(options);
    this.distanceFunction = options.distanceFunction ?? new PairwiseDistance();
    this.margin = options.margin ?? 1;
    this.swap = options.swap ?? false;
  }
  override forward(...[anchor, positive, negative]: Triplet): Tensor {
    const { distanceFunction: distance, margin, swap, reduction } = this;
    const distanceFunction: DistanceFunction = (a, b) =>
      typeof distance === "function" ? distance(a, b) : distance.forward(a, b);
    const options = { distanceFunction, margin, swap, reduction };
    return tripletMarginWithDistanceLoss(anchor, positive, negative, options);
  }
}
