// The CPU device: storages are ordinary typed arrays, which the garbage collector accounts for.
import { type Backend, contractNumber, dtypes, type TypedArray } from "@tead/tensor";
import { pool } from "./buffer-pool.ts";
import { kernels } from "./kernels/index.ts";
import { noteWrites } from "./kernels/writes.ts";
import { forgetPacked } from "./wasm/packed-weights.ts";
import { bernoulliBlocks } from "./wasm/random.ts";

/** A device whose reads are synchronous. */
export interface CpuBackend extends Backend {
  readSync(buffer: unknown, elementOffset: number, count: number): TypedArray;
}

const device: CpuBackend = {
  name: "cpu",
  contract: contractNumber,
  capabilities: { syncRead: true, dtypes, generator: "mt19937" },
  kernels: noteWrites(kernels),
  allocate: (dtype, count) => pool.take(dtype, count),
  free: (buffer) => pool.give(buffer as TypedArray),
  write(buffer, elementOffset, data) {
    (buffer as TypedArray).set(data as never, elementOffset);
    forgetPacked(buffer as TypedArray);
  },
  bernoulliBlocks,
  async read(buffer, elementOffset, count) {
    return device.readSync(buffer, elementOffset, count);
  },
  readSync(buffer, elementOffset, count) {
    return (buffer as TypedArray).slice(elementOffset, elementOffset + count);
  },
};

/**
 * The CPU. There is one; every call gives the same value.
 * @example
 * import assert from "node:assert/strict";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(tensor([1, 2]).add(1).tolistSync(), [2, 3]);
 */
export function cpu(): CpuBackend {
  return device;
}
