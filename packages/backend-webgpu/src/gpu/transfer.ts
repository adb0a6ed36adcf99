// Host memory to the GPU and back. Both take their place in command order: a write waits behind the
// commands recorded before it, a read sees what stood in the buffer when it was called.
import { DeviceError, type DType, makeArray, type TypedArray } from "@tead/tensor";
import type { Commands } from "./commands.ts";
import type { Failures } from "./failures.ts";
import { bufferUsage, mapRead } from "./flags.ts";
import { decode, encode } from "./layout.ts";
import { macrotask } from "./macrotask.ts";
import { type DeviceBuffer, type Memory, type Slot, sizeClass } from "./memory.ts";

/** Staging buffers up to this size are kept for the next read. */
const keptStaging = 2 ** 20;

export class Transfer {
  readonly #device: GPUDevice;
  readonly #commands: Commands;
  readonly #memory: Memory;
  readonly #failures: Failures;
  readonly #staging = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice, commands: Commands, memory: Memory, failures: Failures) {
    this.#device = device;
    this.#commands = commands;
    this.#memory = memory;
    this.#failures = failures;
  }

  /** Whether elements from `offset` on can be written without touching their neighbours. */
  isAligned({ layout, count }: DeviceBuffer, offset: number, length: number): boolean {
    if (layout.byteLength === 4) return true;
    return offset % 2 === 0 && (length % 2 === 0 || offset + length === count);
  }

  /** Writes host elements; `isAligned` holds. */
  write({ slot, layout }: DeviceBuffer, elementOffset: number, data: TypedArray): void {
    if (data.length === 0) return;
    this.#failures.throwIfLost();
    const bytes = encode(data, layout);
    const at = elementOffset * layout.byteLength;
    if (slot.usedIn !== this.#commands.serial) {
      this.#device.queue.writeBuffer(slot.gpu, at, bytes);
      return;
    }
    // The queue would write before the recorded commands run: so it writes elsewhere, and a
    // recorded copy brings it here in its turn.
    const upload = this.#memory.take(bytes.byteLength, true);
    this.#device.queue.writeBuffer(upload.gpu, 0, bytes);
    this.#commands.copy(upload, 0, slot, at, bytes.byteLength);
    this.#memory.give(upload);
    this.#commands.countUpload(bytes.byteLength);
  }

  /** A snapshot of `count` elements as they are after all commands so far. */
  async read(buffer: DeviceBuffer, elementOffset: number, count: number): Promise<TypedArray> {
    const { slot, dtype, layout } = buffer;
    if (count === 0) {
      await this.sync();
      return makeArray(dtype, 0);
    }
    const from = elementOffset * layout.byteLength;
    const start = from - (from % 4);
    const byteLength = Math.ceil((from + count * layout.byteLength - start) / 4) * 4;
    const bytes = await this.#readBytes(slot, start, byteLength);
    const skip = from - start;
    const own = skip === 0 ? bytes : bytes.slice(skip);
    return elements(own, dtype, buffer, count);
  }

  /** Resolves when all commands so far are done; rejects with what failed. */
  async sync(): Promise<void> {
    this.#commands.flush();
    this.#failures.throwIfLost();
    await this.#device.queue.onSubmittedWorkDone();
    await this.#settle();
  }

  destroy(): void {
    for (const kept of this.#staging.values()) for (const staging of kept) staging.destroy();
    this.#staging.clear();
  }

  async #readBytes(slot: Slot, start: number, byteLength: number): Promise<ArrayBuffer> {
    this.#failures.throwIfLost();
    const staging = this.#takeStaging(byteLength);
    this.#commands.copyOut(slot, start, staging, byteLength);
    this.#commands.flush();
    try {
      await staging.mapAsync(mapRead, 0, byteLength);
    } catch (cause) {
      await macrotask();
      await this.#failures.raise();
      throw new DeviceError("webgpu: Cannot read: expected the buffer to be mapped", { cause });
    }
    const bytes = staging.getMappedRange(0, byteLength).slice(0);
    staging.unmap();
    this.#giveStaging(staging);
    await this.#settle();
    return bytes;
  }

  /** Says what failed; where memory is short, lets the collector's callbacks run. */
  async #settle(): Promise<void> {
    await this.#failures.raise();
    if (this.#memory.use.liveBytes > this.#memory.limit / 2) await macrotask();
  }

  #takeStaging(byteLength: number): GPUBuffer {
    const size = sizeClass(byteLength);
    const kept = this.#staging.get(size)?.pop();
    if (kept !== undefined) return kept;
    const usage = bufferUsage.mapRead | bufferUsage.copyTarget;
    return this.#device.createBuffer({ label: "read", size, usage });
  }

  #giveStaging(staging: GPUBuffer): void {
    if (staging.size > keptStaging) {
      staging.destroy();
      return;
    }
    const kept = this.#staging.get(staging.size);
    if (kept === undefined) this.#staging.set(staging.size, [staging]);
    else kept.push(staging);
  }
}

function elements(
  bytes: ArrayBuffer,
  dtype: DType,
  { layout }: DeviceBuffer,
  count: number,
): TypedArray {
  const array = decode(bytes, dtype, layout);
  return array.length === count ? array : (array.slice(0, count) as TypedArray);
}
