// What a tensor is: storage, geometry, dtype; reading it, and the fields that autograd uses.
// The families of methods are chained below this class; Tensor is the last.
import type { Backend, Buffer, View } from "../backend.ts";
import { runtime } from "../context.ts";
import { type DType, isHalf, type TypedArray } from "../dtype.ts";
import { StateError, UnsupportedError } from "../errors.ts";
import { decodeHalf } from "../half.ts";
import type {
  AutogradMeta,
  BackwardOptions,
  GradFn,
  HookHandle,
  Recorder,
  ViewLink,
} from "../recorder.ts";
import { tracksGrad } from "../recorder.ts";
import { type Geometry, isContiguous, numelOf, type Shape } from "../shape.ts";
import type { Storage } from "../storage.ts";
import type { Tensor } from "../tensor.ts";

/** A nested array of a tensor's values; a bare value for a 0-d tensor. */
export type Nested<T> = T | readonly Nested<T>[];
/** A value as JavaScript sees it: a bigint only where an int64 is not a safe integer. */
export type Scalar = number | boolean | bigint;

// In this class and the families below it, methods are `private`, not `#private`: each class that has
// `#private` ones brands every instance, which together cost as much as an op on four elements.
export abstract class TensorCore implements View {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly dtype: DType;
  /** @internal */
  autograd: AutogradMeta | undefined = undefined;
  /** @internal */
  viewOf: ViewLink | undefined = undefined;

  /** @internal Use the creation functions. */
  constructor(storage: Storage, { shape, strides, offset }: Geometry, dtype: DType) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.dtype = dtype;
  }

  /** This, as the whole class: the one cast between the families. @internal */
  protected self(): Tensor {
    return this as unknown as Tensor;
  }

  /** @internal */
  get buffer(): Buffer {
    return this.storage.buffer;
  }
  /** Where the tensor lives: the backend itself. */
  get device(): Backend {
    return this.storage.device;
  }
  /** How many dims it has; PyTorch's `ndim`. */
  get ndim(): number {
    return this.shape.length;
  }
  /** How many elements it has. */
  numel(): number {
    return numelOf(this.shape);
  }
  /** How often its storage has been written in place. */
  get version(): number {
    return this.storage.version;
  }
  /** The size of one dim, counted from the end if negative; PyTorch's `size(dim)`. */
  size(dim: number): number {
    const size = this.shape.at(dim);
    if (size === undefined)
      throw new RangeError(
        `size: Dim is out of range: expected under ${this.ndim}, received ${dim}`,
      );
    return size;
  }
  /** Whether its elements lie in row-major order without gaps. */
  isContiguous(): boolean {
    return isContiguous(this);
  }

  /** Whether gradients flow to or through it. */
  get requiresGrad(): boolean {
    return tracksGrad(this.self());
  }
  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }
  /** Makes it a leaf that backward gives a gradient, or stops that. */
  requiresGrad_(value = true): this {
    recorderOr("requiresGrad_").setRequiresGrad(this.self(), value);
    return this;
  }
  /** What backward has accumulated here. */
  get grad(): Tensor | undefined {
    return this.autograd?.grad;
  }
  set grad(grad: Tensor | undefined) {
    if (grad === undefined && this.autograd === undefined) return;
    recorderOr("grad").setGrad(this.self(), grad);
  }
  /** The node that made it; `undefined` for a leaf. */
  get gradFn(): GradFn | undefined {
    return runtime.recorder?.gradFn(this.self());
  }
  /** Whether no recorded op made it. */
  get isLeaf(): boolean {
    return !this.requiresGrad || this.gradFn === undefined;
  }
  /** Keeps `.grad` of a tensor that is not a leaf. */
  retainGrad(): void {
    recorderOr("retainGrad").retainGrad(this.self());
  }
  /** Calls `hook` with this tensor's gradient in each backward; what it returns takes its place. */
  registerHook(hook: (grad: Tensor) => Tensor | undefined): HookHandle {
    return recorderOr("registerHook").registerHook(this.self(), hook);
  }
  /** Accumulates d(this)/d(leaf) into the `.grad` of every leaf that it came from. */
  backward(options: BackwardOptions = {}): void {
    recorderOr("backward").backward(this.self(), options);
  }

  /**
   * The values in row-major order, as they are at the time of the call. float16 and bfloat16 come as
   * `Float32Array`, bool as `Uint8Array` of 0 and 1, int64 as `BigInt64Array`.
   *
   * @category Reading
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const values = await tensor([[1, 2], [3, 4]]).t().data();
   * assert.deepEqual(values, Int32Array.of(1, 3, 2, 4));
   */
  async data(): Promise<TypedArray> {
    const t = this.self().detach().contiguous();
    const { dtype } = t;
    return decode(await t.device.read(t.buffer, t.offset, t.numel()), dtype);
  }
  /** `data()` at once, where the device can. */
  dataSync(): TypedArray {
    return decode(this.readAtOnce("data"), this.dtype);
  }
  /** The elements as they are stored: 16-bit patterns for float16 and bfloat16. */
  async bits(): Promise<TypedArray> {
    const t = this.self().detach().contiguous();
    return t.device.read(t.buffer, t.offset, t.numel());
  }
  /** `bits()` at once, where the device can. */
  bitsSync(): TypedArray {
    return this.readAtOnce("bits");
  }
  /**
   * The value of a tensor of one element: a boolean, a number, or for an int64 that is no safe integer a
   * bigint.
   *
   * @throws {StateError} where there is not exactly one element
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.item.html
   * @category Reading
   */
  async item(): Promise<Scalar> {
    this.checkOne();
    return scalarOf((await this.data())[0] as number | bigint, this.dtype);
  }
  /** `item()` at once, where the device can. */
  itemSync(): Scalar {
    this.checkOne();
    return scalarOf(this.dataSync()[0] as number | bigint, this.dtype);
  }
  /** The values as nested arrays. */
  async tolist(): Promise<Nested<Scalar>> {
    return nest(await this.data(), this.shape, this.dtype);
  }
  /** `tolist()` at once, where the device can. */
  tolistSync(): Nested<Scalar> {
    return nest(this.dataSync(), this.shape, this.dtype);
  }

  private readAtOnce(what: string): TypedArray {
    const t = this.self().detach().contiguous();
    const { device } = t;
    if (device.readSync === undefined)
      throw new UnsupportedError(
        `${what}Sync: Cannot read at once: expected a device with synchronous reads, ` +
          `received ${device.name}`,
        { hint: `write await t.${what}()` },
      );
    return device.readSync(t.buffer, t.offset, t.numel());
  }
  private checkOne(): void {
    if (this.numel() !== 1)
      throw new StateError(
        `item: Tensor is not a single value: expected 1 element, received ${this.numel()}`,
        { hint: "use data() or tolist() for more" },
      );
  }

  /** Gives its storage back now. Every view of it becomes unusable. */
  [Symbol.dispose](): void {
    this.storage.free();
  }
}

function recorderOr(what: string): Recorder {
  if (runtime.recorder === undefined)
    throw new StateError(
      `${what}: No autograd is installed: expected @tead/autograd to be imported`,
      {
        hint: 'npm install @tead/autograd, then import "@tead/autograd" once',
      },
    );
  return runtime.recorder;
}

function decode(array: TypedArray, dtype: DType): TypedArray {
  return isHalf(dtype) ? decodeHalf(array as Uint16Array, dtype) : array;
}

function scalarOf(value: number | bigint, dtype: DType): Scalar {
  if (dtype === "bool") return value !== 0;
  if (typeof value === "number") return value;
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

function nest(data: TypedArray, shape: Shape, dtype: DType): Nested<Scalar> {
  let position = 0;
  const build = (dim: number): Nested<Scalar> => {
    if (dim === shape.length) return scalarOf(data[position++] as number | bigint, dtype);
    return Array.from({ length: shape[dim] as number }, () => build(dim + 1));
  };
  return build(0);
}
