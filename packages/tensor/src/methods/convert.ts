// Copies, conversions, constants in a tensor's likeness, and writing whole tensors in place.
import type { Backend } from "../backend.ts";
import { runtime } from "../context.ts";
import { allocate, dispatch, dispatchInto, tensorOver } from "../dispatch.ts";
import { type DType, isFloat, type TypedArray } from "../dtype.ts";
import { StateError, UnsupportedError } from "../errors.ts";
import { definePrimitive, type Primitive } from "../op.ts";
import { arangeOp, copyOp, fillOp } from "../ops/copy.ts";
import { checkShape, contiguousStrides, numelOf, type Shape } from "../shape.ts";
import { Storage } from "../storage.ts";
import type { Tensor } from "../tensor.ts";
import { TensorCore } from "./core.ts";

/** Where and how a new tensor is made; what is absent follows the tensor it is made from. */
export interface LikeOptions {
  readonly dtype?: DType;
  readonly device?: Backend;
}

/** Recorded for `to(device)`: the gradient goes back the same way. */
const moveOp: Primitive<"move", readonly ["input"], { from: Backend }> = definePrimitive("move", {
  inputs: ["input"],
  infer: ([input]) => [input],
  gradient: ({ grads: [g], attrs: { from } }) => [g.to(from)],
});

export abstract class ConvertMethods extends TensorCore {
  /**
   * The tensor with another dtype or on another device; itself where nothing changes.
   *
   * Floats become integers by truncation; whatever is not 0 becomes true. To move away from a device
   * without synchronous reads, await `moveTo()`.
   *
   * @param target - a dtype, a device, or both as `{ dtype, device }`
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.to.html
   * @category Conversion
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([0, 1.7, -1.7]);
   * assert.deepEqual(x.to("int32").tolistSync(), [0, 1, -1]);
   * assert.deepEqual(x.to("bool").tolistSync(), [false, true, true]);
   */
  to(target: DType | Backend | LikeOptions): Tensor {
    const options: LikeOptions =
      typeof target === "string"
        ? { dtype: target }
        : "kernels" in target
          ? { device: target }
          : target;
    const { dtype = this.dtype, device = this.device } = options;
    const converted =
      dtype === this.dtype ? this.self() : dispatch(copyOp, [this.self()], { dtype });
    return device === this.device ? converted : move(converted, device);
  }
  /** As `float32`. @category Conversion */
  float(): Tensor {
    return this.to("float32");
  }
  /** As `float64`. @category Conversion */
  double(): Tensor {
    return this.to("float64");
  }
  /** As `float16`. @category Conversion */
  half(): Tensor {
    return this.to("float16");
  }
  /** As `bfloat16`. @category Conversion */
  bfloat16(): Tensor {
    return this.to("bfloat16");
  }
  /** As `int32`. @category Conversion */
  int(): Tensor {
    return this.to("int32");
  }
  /** As `int64`. @category Conversion */
  long(): Tensor {
    return this.to("int64");
  }
  /** As `bool`: whether each element is not 0. @category Conversion */
  bool(): Tensor {
    return this.to("bool");
  }
  /** With another tensor's dtype and device. @category Conversion */
  typeAs(other: Tensor): Tensor {
    return this.to({ dtype: other.dtype, device: other.device });
  }

  /** A copy of its own, contiguous; gradients flow through it. @category Conversion */
  clone(): Tensor {
    return dispatch(copyOp, [this.self()], { dtype: this.dtype });
  }
  /** Itself if its elements lie in row-major order, else a copy where they do. @category Conversion */
  contiguous(): Tensor {
    return this.isContiguous() ? this.self() : this.clone();
  }
  /** The same storage, cut off from the graph. @category Conversion */
  detach(): Tensor {
    return tensorOver(this.storage, this);
  }
  /** Cuts this tensor off from the graph. @category Conversion */
  detach_(): this {
    if (this.viewOf !== undefined)
      throw new StateError(
        "detach_: Cannot cut a view off in place: expected a tensor of its own",
        {
          hint: "use detach()",
        },
      );
    if (this.autograd !== undefined) runtime.recorder?.detachInPlace(this.self());
    return this;
  }

  /** Writes `source`, broadcast and converted, over this tensor. @category In-place */
  copy_(source: Tensor | number | boolean): this {
    const self = this.self();
    if (typeof source !== "object") return this.fill_(Number(source));
    const here = source.device === this.device ? source : move(source, this.device);
    dispatchInto(copyOp, [here.expand(this.shape)], { dtype: this.dtype }, self);
    return this;
  }
  /** Writes one value everywhere. @category In-place */
  fill_(value: number | bigint | boolean): this {
    const plain = typeof value === "boolean" ? Number(value) : value;
    const attrs = { shape: this.shape, dtype: this.dtype, value: plain };
    dispatchInto(fillOp, [], attrs, this.self());
    return this;
  }
  /** Writes 0 everywhere. @category In-place */
  zero_(): this {
    return this.fill_(0);
  }
  /** Writes host values, in row-major order, over this tensor. @category In-place */
  setData(values: TypedArray): this {
    const fresh = uploaded(this.device, this.dtype, this.shape, values);
    return this.copy_(fresh);
  }

  /** A tensor of one value with this dtype and device. @category Creation */
  newFull(shape: Shape, value: number | bigint, options: LikeOptions = {}): Tensor {
    const { dtype = this.dtype, device = this.device } = options;
    return dispatch(fillOp, [], { shape: checkShape(shape, "newFull"), dtype, value }, device);
  }
  /** A tensor of zeros with this dtype and device. @category Creation */
  newZeros(shape: Shape, options?: LikeOptions): Tensor {
    return this.newFull(shape, 0, options);
  }
  /** A tensor of ones with this dtype and device. @category Creation */
  newOnes(shape: Shape, options?: LikeOptions): Tensor {
    return this.newFull(shape, 1, options);
  }
  /** A tensor whose values are whatever the memory held. @category Creation */
  newEmpty(shape: Shape, { dtype = this.dtype, device = this.device }: LikeOptions = {}): Tensor {
    return allocate(device, { shape: checkShape(shape, "newEmpty"), dtype });
  }
  /** The int32 indices 0 to count - 1 on this device. @category Creation */
  newArange(count: number): Tensor {
    return dispatch(arangeOp, [], { start: 0, step: 1, count, dtype: "int32" }, this.device);
  }
  /** Zeros of this shape, dtype and device. @category Creation */
  zerosLike(options?: LikeOptions): Tensor {
    return this.newFull(this.shape, 0, options);
  }
  /** Ones of this shape, dtype and device. @category Creation */
  onesLike(options?: LikeOptions): Tensor {
    return this.newFull(this.shape, 1, options);
  }
}

/** A new tensor that holds host values. @internal */
export function uploaded(device: Backend, dtype: DType, shape: Shape, values: TypedArray): Tensor {
  const storage = new Storage(device, dtype, numelOf(shape));
  device.write(storage.buffer, 0, values);
  return tensorOver(storage, { shape, strides: contiguousStrides(shape), offset: 0 });
}

function move(tensor: Tensor, device: Backend): Tensor {
  const from = tensor.device;
  if (from.readSync === undefined)
    throw new UnsupportedError(
      `to: Cannot move at once: expected a device with synchronous reads, received ${from.name}`,
      { hint: "write await tensor.moveTo(device)" },
    );
  const source = tensor.detach().contiguous();
  const data = from.readSync(source.buffer, source.offset, source.numel());
  return recordMove(tensor, uploaded(device, tensor.dtype, tensor.shape, data));
}

/** The tensor on another device, from any device: PyTorch's `to(device)`, awaited. @internal */
export async function moveAsync(tensor: Tensor, device: Backend): Promise<Tensor> {
  if (tensor.device === device) return tensor;
  const record = runtime.context.gradEnabled;
  const data = await tensor.bits();
  const moved = uploaded(device, tensor.dtype, tensor.shape, data);
  return record ? recordMove(tensor, moved) : moved;
}

function recordMove(source: Tensor, moved: Tensor): Tensor {
  if (runtime.context.gradEnabled && source.requiresGrad && isFloat(source.dtype))
    runtime.recorder?.record(moveOp, [source], [moved], { from: source.device });
  return moved;
}
