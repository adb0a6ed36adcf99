// A product of two inputs with a learned form.
import { ShapeError, type Tensor } from "@tead/tensor";

/**
 * y_k = x1^T A_k x2 + b_k
 *
 * **Shapes**: `x1 [..., in1]`, `x2 [..., in2]`, `weight [out, in1, in2]`, `bias [out] -> [..., out]`.
 *
 * @throws ShapeError where the sizes differ.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.bilinear(ones([1, 2]), ones([1, 3]), ones([1, 2, 3]));
 * assert.deepEqual(y.tolistSync(), [[6]]);
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [out, in1, in2] = weight.shape as [number, number, number];
  const lead = x1.shape.slice(0, -1);
  const fits =
    weight.ndim === 3 &&
    x1.shape.at(-1) === in1 &&
    x2.shape.at(-1) === in2 &&
    x2.shape.slice(0, -1).join() === lead.join();
  if (!fits)
    throw new ShapeError(
      `Inputs do not fit: expected [..., ${in1}] and [..., ${in2}], received ` +
        `[${x1.shape.join(", ")}] and [${x2.shape.join(", ")}]`,
      { op: "bilinear" },
    );
  const products = x1.unsqueeze(-1).mul(x2.unsqueeze(-2)); // [..., in1, in2]
  const y = products.reshape([-1, in1 * in2]).matmul(weight.reshape([out, in1 * in2]).t());
  const shaped = y.reshape([...lead, out]);
  return bias === undefined ? shaped : shaped.add(bias);
}
