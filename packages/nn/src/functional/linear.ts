// Products with a weight matrix.
import type { Tensor } from "@tead/tensor";

/**
 * y = x W^T + b
 *
 * **Shapes**: `input [..., in]`, `weight [out, in]` or `[in]`, `bias [out]` or `[] -> [..., out]`
 * or `[...]`.
 *
 * @throws ShapeError where the last dims differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 */
export function linear(input: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const product = input.matmul(weight.t());
  return bias === undefined ? product : product.add(bias);
}
