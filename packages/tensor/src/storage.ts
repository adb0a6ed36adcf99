// A storage: one backend buffer that views share, with the version that in-place ops raise.
import type { Backend, Buffer } from "./backend.ts";
import { runtime } from "./context.ts";
import type { DType } from "./dtype.ts";
import { StateError } from "./errors.ts";

let made = 0;
/** For `passes`: so many that they never end. No Infinity, which would make a box of every count. @internal */
export const exposedPasses: number = 2 ** 30;

/** The memory that a tensor and its views share: one buffer of a device. */
export class Storage {
  /** How many have been made: the serial number of the next. @internal */
  static get made(): number {
    return made;
  }

  readonly device: Backend;
  readonly dtype: DType;
  /** Elements, not bytes. */
  readonly count: number;
  /** Raised by every in-place write; autograd compares it with what it saved. */
  version = 0;
  /** Spared by scopes: parameters, buffers, optimizer state. */
  kept = false;
  /** Made in inference mode: it can neither be saved for backward nor written outside. @internal */
  readonly inference: boolean;
  /** Of how many tensors it is the `.grad`, which scopes spare as well. @internal */
  holds = 0;
  /** A scope has ended that would have freed it, had it not been a `.grad`. @internal */
  outlived = false;
  /** When it was made, counted in storages. @internal */
  readonly serial: number = made++;
  /** In how many places backward holds it; about `exposedPasses` once user code may. @internal */
  passes = 0;
  #buffer: Buffer;

  constructor(device: Backend, dtype: DType, count: number, buffer?: Buffer) {
    this.device = device;
    this.dtype = dtype;
    this.count = count;
    this.#buffer = buffer ?? device.allocate(dtype, count);
    const { context } = runtime;
    this.inference = context.inferenceMode;
    context.scope?.track(this);
  }

  /** The device's buffer. @throws {StateError} once it was freed */
  get buffer(): Buffer {
    if (this.#buffer === undefined)
      throw new StateError("Tensor was freed: expected one that is still alive", {
        hint: "return it from its scope, or do not dispose it before its last use",
      });
    return this.#buffer;
  }

  /** Whether the buffer went back to the device. */
  get freed(): boolean {
    return this.#buffer === undefined;
  }

  /** Gives the buffer back to the device. Any later use of a tensor on it is a StateError. */
  free(): void {
    if (this.#buffer === undefined) return;
    this.device.free(this.#buffer);
    this.#buffer = undefined;
  }
}
