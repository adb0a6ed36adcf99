// The engine under the kernels: a device with its memory, its recorded commands and its programs.
import type { DType, FailureCode, View } from "@tead/tensor";
import { Commands } from "./commands.ts";
import { type Failing, Failures } from "./failures.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { type DeviceBuffer, Memory, type Slot } from "./memory.ts";
import { Pipelines } from "./pipelines.ts";
import type { ProgramSource } from "./program.ts";
import { Transfer } from "./transfer.ts";

export interface GpuOptions {
  readonly memoryLimit: number;
  /** The most workgroups in one dim; the device's limit if absent. */
  readonly gridSide?: number;
}

/** One run of a program. */
export interface Run {
  readonly op: string;
  /** Says all that the source depends on; unique among all programs. */
  readonly key: string;
  readonly source: () => ProgramSource;
  readonly buffers: readonly Slot[];
  readonly params: readonly number[];
  /** How many workgroups; spread over three dims where they are many. */
  readonly groups: number;
  /** For a fallible program: what to say, and to whom. */
  readonly failure?: { readonly call: Failing; readonly code: FailureCode } | undefined;
}

/** Bytes of uploads that may wait for one submit. */
const uploadLimit = 2 ** 26;

export class Gpu {
  readonly device: GPUDevice;
  readonly failures: Failures;
  readonly commands: Commands;
  readonly memory: Memory;
  readonly pipelines: Pipelines;
  readonly transfer: Transfer;
  readonly hasHalf: boolean;
  readonly #gridSide: number;

  constructor(device: GPUDevice, { memoryLimit, gridSide }: GpuOptions) {
    this.device = device;
    this.#gridSide = gridSide ?? device.limits.maxComputeWorkgroupsPerDimension;
    this.hasHalf = device.features.has("shader-f16");
    this.failures = new Failures(device);
    this.commands = new Commands(device, this.failures, Math.min(uploadLimit, memoryLimit / 8));
    this.memory = new Memory({
      device,
      failures: this.failures,
      limit: memoryLimit,
      currentSerial: () => this.commands.serial,
      flush: () => this.commands.flush(),
    });
    this.pipelines = new Pipelines(device, this.failures);
    this.transfer = new Transfer(device, this.commands, this.memory, this.failures);
  }

  layoutOf(dtype: DType): Layout {
    return layoutOf(dtype, this.hasHalf);
  }

  allocate(dtype: DType, count: number): DeviceBuffer {
    this.failures.throwIfLost();
    return this.memory.allocate(dtype, count, this.layoutOf(dtype));
  }

  /** Records one run of a program, which is compiled when it is first used. */
  run({ op, key, source, buffers, params, groups, failure }: Run): void {
    const program = this.pipelines.get(op, key, source);
    this.commands.dispatch({
      program,
      slots: buffers,
      params,
      workgroups: this.#spread(groups),
      check: failure,
    });
  }

  /** Runs `work` with scratch memory of so many bytes, which is free again after it. */
  withScratch(byteLength: number, work: (scratch: Slot) => void): void {
    const scratch = this.memory.take(byteLength);
    try {
      work(scratch);
    } finally {
      this.memory.give(scratch);
    }
  }

  /** Frees all GPU memory. */
  destroy(): void {
    this.commands.flush();
    this.commands.destroy();
    this.memory.destroy();
    this.transfer.destroy();
    this.failures.close();
  }

  /** A count of workgroups as a grid within the device's limit per dim; it may hold more. */
  #spread(groups: number): [number, number, number] {
    const most = this.#gridSide;
    if (groups <= most) return [groups, 1, 1];
    const rows = Math.ceil(groups / most);
    if (rows <= most) return [most, rows, 1];
    return [most, most, Math.ceil(rows / most)];
  }
}

/** The backend's own buffer behind a view. */
export function bufferOf(view: View): DeviceBuffer {
  return view.buffer as DeviceBuffer;
}

/** The memory behind a view. */
export function slotOf(view: View): Slot {
  return bufferOf(view).slot;
}
