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
  /** The first op that uses it, which is the one to name where there was no memory for it. */
  firstOp: string | undefined;
  /** The GPU had no memory for it: it must not be used again. */
  void: boolean;
}

/** What `@tead/tensor` holds as a buffer: opaque there. */
export class DeviceBuffer {
  readonly slot: Slot;
  readonly dtype: DType;
  readonly count: number;
  readonly layout: Layout;
  /** Untouched memory that lets the collector see what this keeps alive on the GPU, in part. */
  readonly ballast: ArrayBuffer;

  constructor(slot: Slot, dtype: DType, count: number, layout: Layout, ballastBytes: number) {
    this.slot = slot;
    this.dtype = dtype;
    this.count = count;
    this.layout = layout;
    this.ballast = new ArrayBuffer(ballastBytes);
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
  /** All that was ever taken from the GPU: once a loop is warm, it stands still. */
  readonly allocatedBytes: number;
}

const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget;
const smallest = 256;
/** The ballast of a device whose memory is used up to its limit: enough for V8 to collect before. */
const fullBallast = 2 ** 28;

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
  readonly #ballastShare: number;
  /** By size; the slot with the lowest id stands last, and is handed out first. */
  readonly #pool = new Map<number, Slot[]>();
  readonly #slots = new Set<Slot>();
  // Frees what the collector found: it holds the slot, never the buffer that it watches.
  readonly #collected: FinalizationRegistry<Slot>;
  #created = 0;
  #live = 0;
  #pooled = 0;
  #peak = 0;
  #allocated = 0;

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.limit = options.limit;
    const { maxBufferSize, maxStorageBufferBindingSize } = options.device.limits;
    this.#largest = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.#ballastShare = Math.max(1 / 16, fullBallast / this.limit);
    this.#collected = new FinalizationRegistry((slot) => this.give(slot));
  }

  get use(): MemoryUse {
    return {
      liveBytes: this.#live,
      pooledBytes: this.#pooled,
      peakBytes: this.#peak,
      allocatedBytes: this.#allocated,
    };
  }

  allocate(dtype: DType, count: number, layout: Layout): DeviceBuffer {
    const byteLength = count * layout.byteLength;
    if (byteLength > this.#largest)
      throw new UnsupportedError(
        `webgpu: Cannot hold ${count} elements of ${dtype} in one buffer: expected at most ` +
          `${this.#largest} bytes (the device's binding limit), received ${byteLength}`,
        { hint: "split the tensor, or use smaller batches" },
      );
    const slot = this.take(byteLength);
    const ballast = Math.ceil(slot.byteLength * this.#ballastShare);
    const buffer = new DeviceBuffer(slot, dtype, count, layout, ballast);
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
    if (slot.void) {
      this.#destroy(slot);
      return;
    }
    this.#pooled += slot.byteLength;
    const free = this.#pool.get(slot.byteLength);
    if (free === undefined) this.#pool.set(slot.byteLength, [slot]);
    else free.splice(placeIn(free, slot), 0, slot);
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
    const at = untouched ? free.findLastIndex((slot) => slot.usedIn !== serial) : free.length - 1;
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
    const id = ++this.#created;
    const slot: Slot = {
      id,
      gpu,
      byteLength: size,
      usedIn: 0,
      firstOp: undefined,
      void: false,
    };
    failures.watch(
      device.popErrorScope().then((error) => {
        if (error === null) return undefined;
        this.#discard(slot);
        return noMemory(slot, this.#live, error);
      }),
    );
    this.#slots.add(slot);
    this.#allocated += size;
    return slot;
  }

  /** Takes a slot that has no memory behind it out of the pool, now or when it comes back. */
  #discard(slot: Slot): void {
    slot.void = true;
    const free = this.#pool.get(slot.byteLength) ?? [];
    const at = free.indexOf(slot);
    if (at < 0) return;
    free.splice(at, 1);
    this.#pooled -= slot.byteLength;
    this.#destroy(slot);
  }
}

/** Where a slot stands among others: the same step takes the same slots, and so the same bind groups. */
function placeIn(slots: readonly Slot[], { id }: Slot): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((slots[middle] as Slot).id > id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function noMemory({ byteLength, firstOp }: Slot, live: number, cause: GPUError): Error {
  return new StateError(
    `webgpu: The GPU is out of memory: expected room for ${byteLength} bytes, ${live} being live`,
    {
      ...(firstOp === undefined ? {} : { op: firstOp }),
      hint: "use smaller batches, or free tensors by scope(() => ...)",
      cause,
    },
  );
}
