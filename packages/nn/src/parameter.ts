// What a module owns beside other modules: parameters, which are trained, and buffers, which are
// not.
import { DTypeError, isFloat, runtime, Tensor } from "@tead/tensor";

/** Options of {@link Parameter}. */
export interface ParameterOptions {
  /** Whether backward gives it a gradient. Default true. */
  readonly requiresGrad?: boolean;
}

/**
 * A tensor that a module trains: a leaf that requires a gradient, found as a field of its module.
 * It shares the storage of the tensor that it is made from, and scopes spare it.
 *
 * @param data - The initial values; a floating-point tensor where `requiresGrad`.
 * @throws DTypeError if it requires a gradient and is not floating-point.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Module, Parameter } from "@tead/nn";
 * import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * class Scale extends Module {
 *   readonly factor = new Parameter(ones([3]));
 *   override forward(x: Tensor): Tensor {
 *     return x.mul(this.factor);
 *   }
 * }
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Scale().namedParameters().map(([key]) => key), ["factor"]);
 */
export class Parameter extends Tensor {
  constructor(data: Tensor, { requiresGrad = true }: ParameterOptions = {}) {
    super(data.storage, data, data.dtype);
    data.storage.kept = true;
    if (requiresGrad) this.requiresGrad_();
  }

  /** Starts or stops asking for a gradient; works without @tead/autograd, for inference. */
  override requiresGrad_(value = true): this {
    if (value && !isFloat(this.dtype))
      throw new DTypeError(
        `Parameter: Cannot require a gradient: expected a float dtype, received ${this.dtype}`,
        { hint: "pass { requiresGrad: false }, or use buffer()" },
      );
    if (runtime.recorder !== undefined) return super.requiresGrad_(value);
    this.autograd = value ? { requiresGrad: true, grad: undefined } : undefined;
    return this;
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

// By this @tead/checkpoint, which knows no modules, saves it as PyTorch's nn.Parameter.
Object.defineProperty(Parameter.prototype, Symbol.for("tead.parameter"), { value: true });
Object.defineProperty(Parameter.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Parameter): string {
    return this.toString();
  },
});

/** Options of {@link buffer}. */
export interface BufferOptions {
  /** Whether the state dict holds it. Default true. */
  readonly persistent?: boolean;
}

/** A tensor that belongs to a module's state and is not trained; made by {@link buffer}. */
export class ModuleBuffer extends Tensor {
  readonly persistent: boolean;

  /** @internal Use `buffer()`. */
  constructor(data: Tensor, { persistent = true }: BufferOptions = {}) {
    super(data.storage, data, data.dtype);
    data.storage.kept = true;
    this.persistent = persistent;
  }
}

/**
 * A tensor that belongs to a module's state and is not trained, such as running statistics: it
 * moves with the module and stands in its state dict. Change it in place (`copy_`, `add_`), or
 * assign another `buffer(...)`: a plain tensor in its field is not seen.
 *
 * @param data - The initial values; the storage is shared.
 * @param options - `persistent`: whether the state dict holds it.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_buffer
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { buffer, Module } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 *
 * class Counting extends Module {
 *   readonly seen = buffer(zeros([]));
 *   readonly scratch = buffer(zeros([4]), { persistent: false });
 * }
 * setDefaultDevice(cpu());
 * assert.deepEqual(Object.keys(new Counting().stateDict()), ["seen"]);
 */
export function buffer(data: Tensor, options?: BufferOptions): ModuleBuffer {
  return new ModuleBuffer(data, options);
}

/**
 * Gives a parameter, buffer or gradient another storage; whoever holds the tensor sees it.
 * @internal
 */
export function replaceContents(target: Tensor, source: Tensor): void {
  if (target.storage === source.storage) return;
  source.storage.kept = true;
  const { storage, shape, strides, offset, dtype } = source;
  Object.assign(target, { storage, shape, strides, offset, dtype, viewOf: undefined });
}
