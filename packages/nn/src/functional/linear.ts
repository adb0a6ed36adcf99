// Products with a weight matrix.
import { dispatch, ops, type Tensor } from "@tead/tensor";

/**
 * y = x W^T + b
 *
 * **Shapes**: `input [..., in]`, `weight [out, in]` or `[in]`, `bias [out]` or `[] -> [..., out]`
 * or `[...]`.
 *
 * @throws ShapeError where the last dims differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(F.linear(ones([1, 3]), ones([2, 3]), ones([2])).tolistSync(), [[4, 4]]);
 */
export function linear(input: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (weight.ndim === 2 && input.ndim > 0 && (bias === undefined || bias.ndim === 1))
    return dispatch(ops.linearOp, [input, weight, bias], {});
  const product = input.matmul(weight.t());
  return bias === undefined ? product : product.add(bias);
}
