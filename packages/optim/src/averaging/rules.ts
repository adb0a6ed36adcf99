// How an average takes in one more model.
import { noGrad, type Tensor } from "@tead/tensor";
import { checkOption } from "../options.ts";

/** The new average of a tensor, from the old one and the model's, after `nAveraged` models. */
export type AvgFn = (averaged: Tensor, current: Tensor, nAveraged: number) => Tensor;
/** Changes all averages in place. */
export type MultiAvgFn = (
  averaged: readonly Tensor[],
  current: readonly Tensor[],
  nAveraged: number,
) => void;

/**
 * The exponential moving average: decay average + (1 - decay) current.
 *
 * @param decay - How slowly it moves, from 0 to 1. Default 0.999.
 * @throws RangeError if `decay` is out of range.
 * @see https://pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 */
export function getEmaAvgFn(decay = 0.999): AvgFn {
  checkOption("getEmaAvgFn", "decay", decay >= 0 && decay <= 1, "a number from 0 to 1", decay);
  return (averaged, current) => averaged.mul(decay).add(current, { alpha: 1 - decay });
}

/** The mean of all models so far: average + (current - average) / (nAveraged + 1). */
export function getSwaAvgFn(): AvgFn {
  return (averaged, current, nAveraged) => averaged.add(current.sub(averaged).div(nAveraged + 1));
}

/** A rule for one tensor as one for all. */
export const inPlace =
  (rule: AvgFn): MultiAvgFn =>
  (averaged, current, nAveraged) =>
    noGrad(() => {
      averaged.forEach((average, i) => {
        average.copy_(rule(average, current[i] as Tensor, nAveraged));
      });
    });

/** {@link getEmaAvgFn} for all tensors at once. */
export function getEmaMultiAvgFn(decay = 0.999): MultiAvgFn {
  return inPlace(getEmaAvgFn(decay));
}
/** {@link getSwaAvgFn} for all tensors at once; as in PyTorch, 1 / (nAveraged + 1) is a float32. */
export function getSwaMultiAvgFn(): MultiAvgFn {
  return inPlace((averaged, current, nAveraged) =>
    averaged.lerp(current, Math.fround(1 / (nAveraged + 1))),
  );
}
