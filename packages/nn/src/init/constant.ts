// Initial values that need no random numbers. All write in place and record nothing.
import { noGrad, ShapeError, type Tensor } from "@tead/tensor";

/**
 * Writes one value everywhere.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(init.constant_(zeros([2]), 3).tolistSync(), [3, 3]);
 */
export function constant_<T extends Tensor>(tensor: T, value: number): T {
  return noGrad(() => tensor.fill_(value));
}

/**
 * Writes 1 everywhere.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(init.ones_(zeros([2])).tolistSync(), [1, 1]);
 */
export function ones_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 1);
}

/**
 * Writes 0 everywhere.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(init.zeros_(ones([2])).tolistSync(), [0, 0]);
 */
export function zeros_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 0);
}

/**
 * Writes the identity matrix.
 * @throws ShapeError unless the tensor has 2 dims
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(init.eye_(zeros([2, 2])).tolistSync(), [[1, 0], [0, 1]]);
 */
export function eye_<T extends Tensor>(tensor: T): T {
  if (tensor.ndim !== 2) throw rankError("eye_", "2", tensor);
  return noGrad(() => {
    tensor.zero_().diagonal().fill_(1);
    return tensor;
  });
}

/**
 * Writes a convolution weight that passes each input channel on to the output channel of its
 * number.
 *
 * @param tensor - `[C_out, C_in, ...kernel]` with 1 to 3 spatial dims.
 * @param options - `groups`: within how many groups of output channels. Default 1.
 * @throws ShapeError for another rank
 * @throws RangeError unless `groups` divides C_out
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.dirac_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(init.dirac_(zeros([1, 1, 3])).tolistSync(), [[[0, 1, 0]]]);
 */
export function dirac_<T extends Tensor>(tensor: T, options: { readonly groups?: number } = {}): T {
  const { groups = 1 } = options;
  if (tensor.ndim < 3 || tensor.ndim > 5) throw rankError("dirac_", "3 to 5", tensor);
  const outputs = tensor.size(0);
  if (outputs % groups !== 0)
    throw new RangeError(
      `dirac_: Option groups is not valid: expected a divisor of ${outputs}, received ${groups}`,
    );
  const perGroup = outputs / groups;
  const centers = tensor.shape.slice(2).map((size) => Math.floor(size / 2));
  return noGrad(() => {
    tensor.zero_();
    for (let group = 0; group < groups; group++)
      for (let channel = 0; channel < Math.min(perGroup, tensor.size(1)); channel++) {
        const place = [group * perGroup + channel, channel, ...centers];
        place.reduce((t: Tensor, index) => t.select(0, index), tensor).fill_(1);
      }
    return tensor;
  });
}

function rankError(op: string, expected: string, { shape, dtype }: Tensor): ShapeError {
  return new ShapeError(
    `Tensor has the wrong rank: expected ${expected} dims, received ${shape.length}`,
    { op, operands: [{ name: "tensor", shape, dtype }] },
  );
}
