// Layers that add elements around their input.
import { type PadOptions, pad, ShapeError, type Tensor } from "@tead/tensor";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";

/**
 * How many elements: one number for all sides, or before and after for the last dim, then for the
 * one before it.
 */
export type Padding = number | readonly number[];

/** What the padding layers share. */
export abstract class Pad extends Module {
  readonly padding: readonly number[];
  private readonly options: PadOptions;

  constructor(rank: number, padding: Padding, options: PadOptions) {
    super();
    this.options = options;
    this.padding = typeof padding === "number" ? new Array(2 * rank).fill(padding) : padding;
    if (this.padding.length !== 2 * rank || !this.padding.every(Number.isInteger))
      throw new RangeError(
        `${this.constructor.name}: Argument padding is not valid: expected 1 or ${2 * rank} integers, ` +
          `received [${this.padding.join(", ")}]`,
      );
  }
  override forward(input: Tensor): Tensor {
    const { shape, dtype } = input;
    const rank = this.padding.length / 2;
    if (shape.length < rank)
      throw new ShapeError(
        `Input has the wrong rank: expected at least ${rank} dims, received ${shape.length}`,
        { op: this.constructor.name, operands: [{ name: "input", shape, dtype }] },
      );
    return pad(input, this.padding, this.options);
  }
  /** What the printout shows between the brackets. */
  override extraRepr(): string {
    return pyValue(this.padding);
  }
}

/**
 * One value around the input.
 *
 * **Shapes**: `input [..., W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right.
 * @param value - The value.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConstantPad1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ConstantPad1d(1, 3.5).forward(ones([1, 2, 3])).shape, [1, 2, 5]);
 */
export class ConstantPad1d extends Pad {
  readonly value: number;

  constructor(padding: Padding, value: number) {
    super(1, padding, { value });
    this.value = value;
  }
  /** What the printout shows between the brackets. */
  override extraRepr(): string {
    return `padding=${pyValue(this.padding)}, value=${pyFloat(this.value)}`;
  }
}

/**
 * One value around the input.
 *
 * **Shapes**: `input [..., H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom.
 * @param value - The value.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConstantPad2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ConstantPad2d(1, 3.5).forward(ones([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 */
export class ConstantPad2d extends Pad {
  readonly value: number;

  constructor(padding: Padding, value: number) {
    super(2, padding, { value });
    this.value = value;
  }
  /** What the printout shows between the brackets. */
  override extraRepr(): string {
    return `padding=${pyValue(this.padding)}, value=${pyFloat(this.value)}`;
  }
}

/**
 * One value around the input.
 *
 * **Shapes**: `input [..., D, H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom, front, back.
 * @param value - The value.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConstantPad3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ConstantPad3d(1, 3.5).forward(ones([1, 1, 3, 3, 3])).shape, [1, 1, 5, 5,
 * 5]);
 */
export class ConstantPad3d extends Pad {
  readonly value: number;

  constructor(padding: Padding, value: number) {
    super(3, padding, { value });
    this.value = value;
  }
  /** What the printout shows between the brackets. */
  override extraRepr(): string {
    return `padding=${pyValue(this.padding)}, value=${pyFloat(this.value)}`;
  }
}

/**
 * Zeros around the input.
 *
 * **Shapes**: `input [..., H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ZeroPad2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ZeroPad2d(1).forward(ones([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 */
export class ZeroPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, padding, {});
  }
}

/**
 * The input mirrored at its edges, which are not repeated.
 *
 * **Shapes**: `input [..., W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReflectionPad1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ReflectionPad1d(1).forward(ones([1, 2, 3])).shape, [1, 2, 5]);
 */
export class ReflectionPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, padding, { mode: "reflect" });
  }
}

/**
 * The input mirrored at its edges, which are not repeated.
 *
 * **Shapes**: `input [..., H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReflectionPad2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ReflectionPad2d(1).forward(ones([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 */
export class ReflectionPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, padding, { mode: "reflect" });
  }
}

/**
 * The input mirrored at its edges, which are not repeated.
 *
 * **Shapes**: `input [..., D, H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom, front, back.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReflectionPad3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ReflectionPad3d(1).forward(ones([1, 1, 3, 3, 3])).shape, [1, 1, 5, 5, 5]);
 */
export class ReflectionPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, padding, { mode: "reflect" });
  }
}

/**
 * The edges of the input repeated.
 *
 * **Shapes**: `input [..., W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReplicationPad1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ReplicationPad1d(1).forward(ones([1, 2, 3])).shape, [1, 2, 5]);
 */
export class ReplicationPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, padding, { mode: "replicate" });
  }
}

/**
 * The edges of the input repeated.
 *
 * **Shapes**: `input [..., H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReplicationPad2d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ReplicationPad2d(1).forward(ones([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 */
export class ReplicationPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, padding, { mode: "replicate" });
  }
}

/**
 * The edges of the input repeated.
 *
 * **Shapes**: `input [..., D, H, W]`, each of these dims longer by its padding.
 *
 * @param padding - One number, or left, right, top, bottom, front, back.
 * @throws RangeError if there are not so many integers.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReplicationPad3d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new ReplicationPad3d(1).forward(ones([1, 1, 3, 3, 3])).shape, [1, 1, 5, 5, 5]);
 */
export class ReplicationPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, padding, { mode: "replicate" });
  }
}
