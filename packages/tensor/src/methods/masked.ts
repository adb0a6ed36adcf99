// Reading and writing by boolean masks, and the ops whose result's size depends on values.
import { dispatch, dispatchInto } from "../dispatch.ts";
import { canCast, dtypeOfNumber } from "../dtype.ts";
import { continuation, dispatchDynamic, dispatchDynamicSync } from "../dynamic.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { whereOp } from "../ops/binary.ts";
import { flatNonzeroOp, nonzeroOp, uniqueOp } from "../ops/dynamic.ts";
import { broadcastShapes, formatShape, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { SelectMethods } from "./select.ts";

/** What `unique()` gives. */
export interface Unique {
  /** The distinct elements: ascending, NaN last and each for itself. */
  readonly values: Tensor;
  /** Where each element of the input stands in `values`, int32. */
  readonly inverse: Tensor;
  /** How often each value occurs, int32. */
  readonly counts: Tensor;
}

/** Options of `unique()` and `uniqueConsecutive()`. */
export interface UniqueOptions {
  /** Compare whole slices of this dim; single elements unless said. */
  readonly dim?: number;
}

export abstract class MaskedMethods extends SelectMethods {
  private maskFilling(method: string, mask: Tensor, value: number | boolean | Tensor): void {
    if (typeof value === "object" && value.ndim !== 0)
      throw new ShapeError(
        `${method}: Value is not a scalar: expected a number or a 0-d tensor, ` +
          `received shape ${formatShape(value.shape)}`,
        { hint: "mask.where(values, x) takes a value for each element" },
      );
    const dtype = typeof value === "object" ? value.dtype : dtypeOfNumber(value);
    if (!canCast(dtype, this.dtype))
      throw new DTypeError(
        `${method}: Value does not fit: expected one that ${this.dtype} holds, received ${dtype}`,
      );
    if (mask.dtype !== "bool") throw notBool(method, mask);
  }
  private maskFilled(value: number | boolean | Tensor): number | boolean | Tensor {
    return typeof value === "object" ? value.to(this.dtype) : value;
  }
  /**
   * y = value where the mask is true, else x. The value may be a number or a 0-d tensor.
   *
   * **Shapes**: mask and input broadcast.
   *
   * @throws {DTypeError} where the mask is not bool, or the dtype cannot hold the value
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.masked_fill.html
   * @category Indexing
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const scores = tensor([0.5, 2.5, 1.5]);
   * assert.deepEqual(scores.maskedFill(scores.gt(1), -Infinity).tolistSync(), [0.5, -Infinity, -Infinity]);
   */
  maskedFill(mask: Tensor, value: number | boolean | Tensor): Tensor {
    this.maskFilling("maskedFill", mask, value);
    const inputs = [mask, this.maskFilled(value), this.self()] as const;
    return dispatch(whereOp, inputs, {}).to(this.dtype);
  }
  /** `maskedFill()` in place; the mask broadcasts to this shape. @category In-place */
  maskedFill_(mask: Tensor, value: number | boolean | Tensor): this {
    this.maskFilling("maskedFill_", mask, value);
    dispatchInto(whereOp, [mask, this.maskFilled(value), this.self()], {}, this.self());
    return this;
  }
  /**
   * The mask's places filled with the elements of `source`, in row-major order; as many are read as
   * the mask has true elements.
   *
   * @throws {ShapeError} where `source` has too few elements (as soon as values can be read)
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.masked_scatter.html
   * @category Indexing
   */
  maskedScatter(mask: Tensor, source: Tensor): Tensor {
    if (mask.dtype !== "bool") throw notBool("maskedScatter", mask);
    const shape = broadcastShapes(this.shape, mask.shape);
    const chosen = mask.expand(shape).reshape([-1]);
    // The k-th true place reads source[k]; the places that are false read 0, and do not use it.
    const position = chosen.where(chosen.cumsum(0).sub(1), 0);
    const elements = source.numel() === 0 ? this.newZeros([1]) : source.reshape([-1]);
    if (source.numel() === 0 && chosen.numel() === 0) return this.expand(shape).clone();
    const read = elements.indexSelect(0, position).view(shape);
    return mask.where(read, this.self());
  }
  /** `maskedScatter()` in place; the mask broadcasts to this shape. @category In-place */
  maskedScatter_(mask: Tensor, source: Tensor): this {
    return this.copy_(this.maskedScatter(mask.expand(this.shape), source));
  }
  /**
   * The elements where the mask is true, as a vector. Gradients flow back to them.
   *
   * How many there are is known only by reading the mask, so the call is asynchronous; where()
   * and maskedFill() need no reading.
   *
   * @throws {DTypeError} where the mask is not bool
   * @see https://pytorch.org/docs/stable/generated/torch.masked_select.html
   * @category Indexing
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([3, -1, 4, -1]);
   * assert.deepEqual(await (await x.maskedSelect(x.gt(0))).tolist(), [3, 4]);
   */
  async maskedSelect(mask: Tensor): Promise<Tensor> {
    if (mask.dtype !== "bool") throw notBool("maskedSelect", mask);
    const resume = continuation();
    const shape = broadcastShapes(this.shape, mask.shape);
    const [positions] = await dispatchDynamic(flatNonzeroOp, [mask.expand(shape)], {});
    return resume(() => this.expand(shape).reshape([-1]).indexSelect(0, positions));
  }
  /** `maskedSelect()` at once, where the device can be read at once. @category Indexing */
  maskedSelectSync(mask: Tensor): Tensor {
    if (mask.dtype !== "bool") throw notBool("maskedSelect", mask);
    const shape = broadcastShapes(this.shape, mask.shape);
    const [positions] = dispatchDynamicSync(flatNonzeroOp, [mask.expand(shape)], {});
    return this.expand(shape).reshape([-1]).indexSelect(0, positions);
  }
  /**
   * The positions of all elements other than 0, int32, in row-major order: `[count, ndim]`.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nonzero.html
   * @category Indexing
   */
  async nonzero(): Promise<Tensor> {
    const [positions] = await dispatchDynamic(nonzeroOp, [this.self()], {});
    return positions;
  }
  /** `nonzero()` at once, where the device can be read at once. @category Indexing */
  nonzeroSync(): Tensor {
    return dispatchDynamicSync(nonzeroOp, [this.self()], {})[0];
  }
  /** `nonzero()` under NumPy's name. @category Indexing */
  argwhere(): Promise<Tensor> {
    return this.nonzero();
  }
  /**
   * The distinct elements in ascending order, with where each element went and how often each occurs.
   *
   * @param options - `dim`: compare whole slices of that dim
   * @see https://pytorch.org/docs/stable/generated/torch.unique.html
   * @category Sorting
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const { values, counts } = await tensor([2, 1, 2, 5]).unique();
   * assert.deepEqual(values.tolistSync(), [1, 2, 5]);
   * assert.deepEqual(counts.tolistSync(), [1, 2, 1]);
   */
  async unique(options: UniqueOptions = {}): Promise<Unique> {
    const attrs = this.uniqueAttrs(options, false);
    const [values, inverse, counts] = await dispatchDynamic(uniqueOp, [this.self()], attrs);
    return { values, inverse, counts };
  }
  /** `unique()` at once, where the device can be read at once. @category Sorting */
  uniqueSync(options: UniqueOptions = {}): Unique {
    const attrs = this.uniqueAttrs(options, false);
    const [values, inverse, counts] = dispatchDynamicSync(uniqueOp, [this.self()], attrs);
    return { values, inverse, counts };
  }
  /** `unique()` of neighbours alone: each run of equal elements becomes one. @category Sorting */
  async uniqueConsecutive(options: UniqueOptions = {}): Promise<Unique> {
    const attrs = this.uniqueAttrs(options, true);
    const [values, inverse, counts] = await dispatchDynamic(uniqueOp, [this.self()], attrs);
    return { values, inverse, counts };
  }
  /** `uniqueConsecutive()` at once, where the device can be read at once. @category Sorting */
  uniqueConsecutiveSync(options: UniqueOptions = {}): Unique {
    const attrs = this.uniqueAttrs(options, true);
    const [values, inverse, counts] = dispatchDynamicSync(uniqueOp, [this.self()], attrs);
    return { values, inverse, counts };
  }
  private uniqueAttrs({ dim }: UniqueOptions, consecutive: boolean) {
    return { dim: dim === undefined ? undefined : normalizeDim(dim, this.ndim), consecutive };
  }
}

function notBool(method: string, mask: Tensor): DTypeError {
  return new DTypeError(`${method}: Mask is not bool: expected bool, received ${mask.dtype}`, {
    hint: "compare first, as in x.gt(0)",
  });
}
