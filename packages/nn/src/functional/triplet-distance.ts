// Triplets by a distance of your own.
import type { Tensor } from "@tead/tensor";
import { type MarginOption, pairwiseDistance } from "./distance.ts";
import { reduced } from "./reduction.ts";

/** The distance of two batches of vectors. */
export type DistanceFunction = (a: Tensor, b: Tensor) => Tensor;

/** Options of {@link tripletMarginWithDistanceLoss}. */
export interface TripletMarginWithDistanceOptions extends MarginOption {
  /** The distance. Default `pairwiseDistance`. */
  readonly distanceFunction?: DistanceFunction | undefined;
  /** Whether the negative may be nearer to the positive than to the anchor. Default false. */
  readonly swap?: boolean;
}

/**
 * max(0, margin + d(anchor, positive) - d(anchor, negative)), with a distance of your own.
 *
 * **Shapes**: `anchor`, `positive`, `negative [N, ...]`, what `distanceFunction` takes `-> []`.
 *
 * @param options - `distanceFunction`, `margin` (1 unless said), `swap`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const distanceFunction = (a: Tensor, b: Tensor) => a.sub(b).abs().amax(-1);
 * const [anchor, far] = [zeros([1, 4]), ones([1, 4])];
 * const options = { distanceFunction, margin: 3 };
 * const loss = F.tripletMarginWithDistanceLoss(anchor, anchor, far, options);
 * assert.equal(loss.itemSync(), 2);
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceOptions = {},
): Tensor {
  const { distanceFunction = pairwiseDistance, margin = 1, swap = false } = options;
  const near = distanceFunction(anchor, positive);
  const direct = distanceFunction(anchor, negative);
  const far = swap ? direct.minimum(distanceFunction(positive, negative)) : direct;
  return reduced("tripletMarginWithDistanceLoss", near.sub(far).add(margin).clamp(0), options);
}
