// Layers that add zeros, or elements from the other end.
import { Pad, type Padding } from "./padding.ts";

/**
 * Zeros around the input.
 *
 * **Shapes**: `input [..., W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ZeroPad1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ZeroPad1d(1).forward(ones([1, 2, 3])).shape, [1, 2, 5]);
 */
export class ZeroPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, padding, {});
  }
}

/**
 * Zeros around the input.
 *
 * **Shapes**: `input [..., D, H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom, front, back.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ZeroPad3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ZeroPad3d(1).forward(ones([1, 2, 3, 3, 3])).shape, [1, 2, 5, 5, 5]);
 */
export class ZeroPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, padding, {});
  }
}

/**
 * What lies at the other end, around the input.
 *
 * **Shapes**: `input [..., W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CircularPad1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new CircularPad1d(1).forward(ones([1, 2, 3])).shape, [1, 2, 5]);
 */
export class CircularPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, padding, { mode: "circular" });
  }
}

/**
 * What lies at the other end, around the input.
 *
 * **Shapes**: `input [..., H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CircularPad2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new CircularPad2d(1).forward(ones([1, 2, 3, 3])).shape, [1, 2, 5, 5]);
 */
export class CircularPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, padding, { mode: "circular" });
  }
}

/**
 * What lies at the other end, around the input.
 *
 * **Shapes**: `input [..., D, H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom, front, back.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CircularPad3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new CircularPad3d(1).forward(ones([1, 2, 3, 3, 3])).shape, [1, 2, 5, 5, 5]);
 */
export class CircularPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, padding, { mode: "circular" });
  }
}
