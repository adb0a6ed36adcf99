// GPU memory: buffers in size classes, handed out again once freed. Every buffer is used in command
// order, so a freed one may be reused while commands that read it are still only recorded.
import { type DType, StateError, UnsupportedError } from "@tead/tensor";
import type { Failures } from "./failures.ts";
import { bufferUsage } from "./flags.ts";
import type { Layout } from "./layout.ts";

/** A piece of GPU memory. */
export interface Slot {
  /** Unique on its device. */
  readonly id: number;
  readonly gpu: GPUBuffer;
  readonly byteLength: number;
  /** The serial number of the last recording that names it. */
  usedIn: number;
}

/** What `@tead/tensor` holds as a buffer: opaque there. */
export class DeviceBuffer {
  readonly slot: Slot;
  readonly dtype: DType;
  readonly count: number;
  readonly layout: Layout;
  /** Untouched memory that lets the collector see a part of what this keeps alive on the GPU. */
  readonly ballast: ArrayBuffer;

  constructor(slot: Slot, dtype: DType, count: number, layout: Layout) {
    this.slot = slot;
    this.dtype = dtype;
    this.count = count;
    this.layout = layout;
    this.ballast = new ArrayBuffer(slot.byteLength >> 4);
  }
}

/** Bytes of GPU memory. */
export interface MemoryUse {
  /** Held by tensors and by work in progress. */
  readonly liveBytes: number;
  /** Freed, kept for the next tensor of their size. */
  readonly pooledBytes: number;
  /** The most that was ever live at once. */
  readonly peakBytes: number;
}

const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget;
const smallest = 256;

/** Four classes to each power of two: at most a fifth of a buffer is unused. */
export function sizeClass(byteLength: number): number {
  if (byteLength <= smallest) return smallest;
  const step = 2 ** (Math.ceil(Math.log2(byteLength)) - 3);
  return Math.ceil(byteLength / step) * step;
}

export interface MemoryOptions {
  readonly device: GPUDevice;
  readonly failures: Failures;
  /** Live bytes beyond which `allocate` throws. */
  readonly limit: number;
  /** The serial number of the recording under way. */
  readonly currentSerial: () => number;
  /** Submits the recording: what it names may be destroyed only then. */
  readonly flush: () => void;
}

export class Memory {
  readonly limit: number;
  readonly #options: MemoryOptions;
  readonly #largest: number;
  readonly #pool = new Map<number, Slot[]>();
  readonly #slots = new Set<Slot>();
  // Frees what the collector found: it holds the slot, never the buffer that it watches.
  readonly #collected: FinalizationRegistry<Slot>;
  #created = 0;
  #live = 0;
  #pooled = 0;
  #peak = 0;

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.limit = options.limit;
    const { maxBufferSize, maxStorageBufferBindingSize } = options.device.limits;
    this.#largest = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.#collected = new FinalizationRegistry((slot) => this.give(slot));
  }

  get use(): MemoryUse {
    return { liveBytes: this.#live, pooledBytes: this.#pooled, peakBytes: this.#peak };
  }

  allocate(dtype: DType, count: number, layout: Layout): DeviceBuffer {
    const byteLength = count * layout.byteLength;
    if (byteLength > this.#largest)
      throw new UnsupportedError(
        `webgpu: Cannot hold ${count} elements of ${dtype} in one buffer: expected at most ` +
          `${this.#largest} bytes (the device's binding limit), received ${byteLength}`,
        { hint: "split the tensor, or use smaller batches" },
      );
    const buffer = new DeviceBuffer(this.take(byteLength), dtype, count, layout);
    this.#collected.register(buffer, buffer.slot, buffer);
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    this.#collected.unregister(buffer);
    this.give(buffer.slot);
  }

  /** A slot of at least this size; with `untouched`, one that no recorded command names. */
  take(byteLength: number, untouched = false): Slot {
    const size = Math.min(sizeClass(byteLength), this.#largest - (this.#largest % 4));
    const slot = this.#reuse(size, untouched) ?? this.#create(size);
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return slot;
  }

  /** Gives a slot back to the pool. */
  give(slot: Slot): void {
    if (!this.#slots.has(slot)) return; // the device was destroyed
    this.#live -= slot.byteLength;
    this.#pooled += slot.byteLength;
    const free = this.#pool.get(slot.byteLength);
    if (free === undefined) this.#pool.set(slot.byteLength, [slot]);
    else free.push(slot);
  }

  /** Destroys the pooled slots. */
  trim(): void {
    this.#options.flush();
    for (const free of this.#pool.values()) for (const slot of free) this.#destroy(slot);
    this.#pool.clear();
    this.#pooled = 0;
  }

  /** Destroys every slot, live ones too. */
  destroy(): void {
    for (const slot of this.#slots) this.#destroy(slot);
    this.#pool.clear();
    this.#live = 0;
    this.#pooled = 0;
  }

  #destroy(slot: Slot): void {
    slot.gpu.destroy();
    this.#slots.delete(slot);
  }

  #reuse(size: number, untouched: boolean): Slot | undefined {
    const free = this.#pool.get(size);
    if (free === undefined || free.length === 0) return undefined;
    const serial = this.#options.currentSerial();
    const at = untouched ? free.findIndex((slot) => slot.usedIn !== serial) : free.length - 1;
    if (at < 0) return undefined;
    this.#pooled -= size;
    return free.splice(at, 1)[0];
  }

  #create(size: number): Slot {
    const { device, failures } = this.#options;
    if (this.#live + this.#pooled + size > this.limit) this.trim();
    if (this.#live + size > this.limit)
      throw new StateError(
        `webgpu: Memory is used up: expected at most ${this.limit} live bytes (memoryLimit), ` +
          `received ${this.#live + size}`,
        {
          hint:
            "run the step inside scope(() => ...), await something in the loop so that unused " +
            "tensors can be collected, or raise memoryLimit",
        },
      );
    device.pushErrorScope("out-of-memory");
    const gpu = device.createBuffer({ size, usage });
    failures.watch(
      device
        .popErrorScope()
        .then((error) =>
          error === null
            ? undefined
            : new StateError(
                `webgpu: The GPU is out of memory: expected room for ${size} bytes beside ` +
                  `${this.#live - size} live ones`,
                { hint: "use smaller batches, or set memoryLimit", cause: error },
              ),
        ),
    );
    const slot: Slot = { id: ++this.#created, gpu, byteLength: size, usedIn: 0 };
    this.#slots.add(slot);
    return slot;
  }
}
