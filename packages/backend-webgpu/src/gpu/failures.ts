// What went wrong on the GPU, kept until the next await can say it: nothing here ever rejects on
// its own, so no rejection goes unhandled.
import { DeviceError, type KernelCall } from "@tead/tensor";

/** The part of a kernel's call that reports a bad value. */
export type Failing = Pick<KernelCall<unknown, unknown>, "fail">;

export class Failures {
  readonly #checks = new Set<Promise<void>>();
  #error: Error | undefined;
  /** Makes a new error each time: each one names the op that met it. */
  #lost: (() => Error) | undefined;

  constructor(device: GPUDevice) {
    void device.lost.then(({ reason, message }) => {
      const said = message === "" ? "" : `; the driver says: ${message}`;
      this.#lost ??= () =>
        new DeviceError(`webgpu: Device was lost (${reason}): expected one that is alive${said}`, {
          hint: "make a new one with await webgpu(), and load the last checkpoint on it",
        });
    });
  }

  /** From now on everything throws: the backend was destroyed. */
  close(): void {
    this.#lost = () =>
      new DeviceError("webgpu: Device was destroyed: expected one that is alive", {
        hint: "make a new one with await webgpu()",
      });
  }

  /** Keeps an error for the next await; the first one counts. */
  report(error: Error): void {
    this.#error ??= error;
  }

  /** Follows a check that resolves with what it found. */
  watch(check: Promise<Error | undefined>): void {
    const done = check
      .then(
        (error) => {
          if (error !== undefined) this.report(error);
        },
        (error: Error) => this.report(error),
      )
      .finally(() => this.#checks.delete(done));
    this.#checks.add(done);
  }

  /** Throws at once if the device is known to be lost. */
  throwIfLost(): void {
    if (this.#lost !== undefined) throw this.#lost();
  }

  /** Waits for the checks so far; throws what was found, once. A lost device says so for ever. */
  async raise(): Promise<void> {
    await Promise.all(this.#checks);
    this.throwIfLost();
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }
}
