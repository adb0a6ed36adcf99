// Parameters as one vector, and back.
import { cat, noGrad, ShapeError, type Tensor } from "@tead/tensor";

/**
 * All parameters, flat, one after the other.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(utils.parametersToVector(new Linear(3, 2).parameters()).shape, [8]);
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((parameter) => parameter.reshape([-1])));
}

/**
 * Writes the pieces of a vector over the parameters, in order.
 * @throws ShapeError if the vector has more or fewer elements than the parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new Linear(3, 2);
 * utils.vectorToParameters(zeros([8]), layer.parameters());
 * assert.deepEqual(layer.bias?.tolistSync(), [0, 0]);
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const targets = [...parameters];
  const total = targets.reduce((sum, target) => sum + target.numel(), 0);
  if (vector.ndim !== 1 || vector.numel() !== total)
    throw new ShapeError(
      `vectorToParameters: Vector does not fit: expected [${total}], received [${vector.shape.join(", ")}]`,
    );
  noGrad(() => {
    let start = 0;
    for (const target of targets) {
      target.copy_(vector.narrow(0, start, target.numel()).view(target.shape));
      start += target.numel();
    }
  });
}
