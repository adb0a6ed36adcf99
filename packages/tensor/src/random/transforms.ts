// Distributions that transform one uniform double an element: exponential, geometric, Cauchy.
import type { Generator } from "../generator.ts";
import type { NumberArray } from "./integers.ts";
import { type FloatDType, floatDTypeOf, type RealArray, rounderOf } from "./precision.ts";
import { uniformDouble } from "./uniform.ts";

/**
 * Fills `out` with exponentially distributed numbers, -log(1 - u) / rate, as
 * `torch.Tensor.exponential_` does. Computed in double precision, rounded to the dtype.
 *
 * @param rate - PyTorch's lambd: one over the mean
 * @throws RangeError if `rate` is not above 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.exponential_.html
 */
export function fillExponential(
  out: RealArray,
  generator: Generator,
  rate = 1,
  dtype: FloatDType = floatDTypeOf(out),
): void {
  check("exponential", rate > 0, `rate > 0, received ${rate}`);
  const round = rounderOf(dtype);
  const factor = -1 / rate;
  for (let i = 0; i < out.length; i++) {
    out[i] = round(factor * Math.log(1 - uniformDouble(generator)));
  }
}

/**
 * Fills `out` with the number of trials up to the first success, ceil(log(u) / log(1 - p)), as
 * `torch.Tensor.geometric_` does.
 *
 * @param p - the probability of a success
 * @throws RangeError if `p` is not in (0, 1)
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.geometric_.html
 */
export function fillGeometric(out: NumberArray, generator: Generator, p: number): void {
  check("geometric", p > 0 && p < 1, `p in (0, 1), received ${p}`);
  const scale = Math.log(1 - p);
  for (let i = 0; i < out.length; i++) {
    const trials = Math.ceil(Math.log(uniformDouble(generator)) / scale);
    if (out instanceof BigInt64Array) out[i] = BigInt(trials);
    else out[i] = trials;
  }
}

/**
 * Fills `out` with Cauchy-distributed numbers, median + sigma tan(pi (u - 1/2)), as
 * `torch.Tensor.cauchy_` does. Computed in double precision, rounded to the dtype.
 *
 * @throws RangeError if `sigma` is not above 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.cauchy_.html
 */
export function fillCauchy(
  out: RealArray,
  generator: Generator,
  median = 0,
  sigma = 1,
  dtype: FloatDType = floatDTypeOf(out),
): void {
  check("cauchy", sigma > 0, `sigma > 0, received ${sigma}`);
  const round = rounderOf(dtype);
  for (let i = 0; i < out.length; i++) {
    out[i] = round(median + sigma * Math.tan(Math.PI * (uniformDouble(generator) - 0.5)));
  }
}

function check(op: string, valid: boolean, expectation: string): void {
  if (!valid) throw new RangeError(`${op}: Cannot draw: expected ${expectation}`);
}
