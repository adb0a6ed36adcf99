// Parameters and buffers whose shape only the first input shows.
import { type Backend, type DType, empty, StateError, type Tensor } from "@tead/tensor";
import { ModuleBuffer, Parameter, replaceContents } from "./parameter.ts";

/** Where an uninitialized parameter or buffer will be, and of which dtype. */
export interface UninitializedOptions {
  /** The device; the default device unless said. */
  readonly device?: Backend;
  /** A float dtype; float32 unless said. */
  readonly dtype?: DType;
}

const nothing = ({ device, dtype }: UninitializedOptions): Tensor =>
  empty([0], { ...(device && { device }), ...(dtype && { dtype }) });

/**
 * A parameter that waits for its shape. Lazy layers hold it until their first `forward`; it then
 * becomes a `Parameter` and stays the same object, so that an optimizer may have it before.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedParameter.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LazyLinear, UninitializedParameter } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new LazyLinear(3);
 * assert.ok(layer.weight instanceof UninitializedParameter);
 * layer.forward(ones([2, 5]));
 * assert.deepEqual(layer.weight.shape, [3, 5]);
 * assert.ok(!(layer.weight instanceof UninitializedParameter));
 */
export class UninitializedParameter extends Parameter {
  constructor(options: UninitializedOptions & { readonly requiresGrad?: boolean } = {}) {
    super(nothing(options), { requiresGrad: options.requiresGrad ?? true });
  }
  /** Gives it a shape, not yet values: it becomes a `Parameter`. */
  materialize(shape: readonly number[]): void {
    replaceContents(this, this.newEmpty(shape));
    Object.setPrototypeOf(this, Parameter.prototype);
  }
  override toString(): string {
    return "<UninitializedParameter>";
  }
}

/** A buffer that waits for its shape; see {@link UninitializedParameter}. */
export class UninitializedBuffer extends ModuleBuffer {
  constructor(options: UninitializedOptions = {}) {
    super(nothing(options));
  }
  /** Gives it a shape, not yet values: it becomes a plain buffer. */
  materialize(shape: readonly number[]): void {
    replaceContents(this, this.newEmpty(shape));
    Object.setPrototypeOf(this, ModuleBuffer.prototype);
  }
  override toString(): string {
    return "<UninitializedBuffer>";
  }
}

/** Whether a parameter or buffer still waits for its shape. */
export const isUninitialized = (
  value: unknown,
): value is UninitializedParameter | UninitializedBuffer =>
  value instanceof UninitializedParameter || value instanceof UninitializedBuffer;

/** Refuses to save what has no values. */
export function checkInitialized(key: string, target: unknown): void {
  if (isUninitialized(target))
    throw new StateError(
      `stateDict: Cannot save "${key}": expected a parameter with a shape, received ${target}`,
      { hint: "call forward once with an input; lazy layers take their sizes from it" },
    );
}
