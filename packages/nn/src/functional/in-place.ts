// Activations that write over their input; what the gradient reads of it is kept apart.
import { celu, elu, hardtanh, leakyRelu, relu, selu, type Tensor, threshold } from "@tead/tensor";
import { applied } from "../layers/in-place.ts";
import { type RReLUFunctionOptions, rrelu } from "./rrelu.ts";

/** `relu()` over its input. */
export function relu_(input: Tensor): Tensor {
  return applied(input, true, relu);
}
/** `elu()` over its input. */
export function elu_(input: Tensor, options?: { readonly alpha?: number }): Tensor {
  return applied(input, true, (x) => elu(x, options));
}
/** `celu()` over its input. */
export function celu_(input: Tensor, options?: { readonly alpha?: number }): Tensor {
  return applied(input, true, (x) => celu(x, options));
}
/** `selu()` over its input. */
export function selu_(input: Tensor): Tensor {
  return applied(input, true, selu);
}
/** `leakyRelu()` over its input. */
export function leakyRelu_(input: Tensor, options?: { readonly negativeSlope?: number }): Tensor {
  return applied(input, true, (x) => leakyRelu(x, options));
}
/** `hardtanh()` over its input. */
export function hardtanh_(
  input: Tensor,
  options?: { readonly minVal?: number; readonly maxVal?: number },
): Tensor {
  return applied(input, true, (x) => hardtanh(x, options));
}
/** `threshold()` over its input. */
export function threshold_(input: Tensor, limit: number, value: number): Tensor {
  return applied(input, true, (x) => threshold(x, limit, value));
}
/** `rrelu()` over its input. */
export function rrelu_(input: Tensor, options?: RReLUFunctionOptions): Tensor {
  return applied(input, true, (x) => rrelu(x, options));
}
