// The kit's own device: the reference kernels over plain typed arrays. What a backend is measured
// against where PyTorch's numbers would take too much room.
import { type Backend, contractNumber, dtypes, makeArray, type TypedArray } from "@tead/tensor";
import { referenceKernels } from "@tead/tensor/kernel-kit";

/** A device of reference kernels, in every dtype. */
export function referenceBackend(): Backend {
  const readSync = (buffer: unknown, offset: number, count: number): TypedArray =>
    (buffer as TypedArray).slice(offset, offset + count);
  return {
    name: "reference",
    contract: contractNumber,
    capabilities: { syncRead: true, dtypes, generator: "mt19937" },
    kernels: referenceKernels(),
    allocate: makeArray,
    free: () => {},
    write: (buffer, offset, data) => (buffer as TypedArray).set(data as never, offset),
    read: async (buffer, offset, count) => readSync(buffer, offset, count),
    readSync,
  };
}

/** The same device without one kernel, so that the op decomposes. */
export function withoutKernel(device: Backend, name: string): Backend {
  const { [name as keyof typeof device.kernels]: _, ...kernels } = device.kernels;
  return wrapped(device, { kernels: kernels as Backend["kernels"] });
}

/** A device that differs in some members; methods keep their receiver. */
export function wrapped(device: Backend, changes: Partial<Backend>): Backend {
  const plain: Backend = {
    name: device.name,
    contract: device.contract,
    capabilities: device.capabilities,
    kernels: device.kernels,
    allocate: (dtype, count) => device.allocate(dtype, count),
    free: (buffer) => device.free(buffer),
    write: (buffer, offset, data) => device.write(buffer, offset, data),
    read: (buffer, offset, count) => device.read(buffer, offset, count),
  };
  const { readSync, sync } = device;
  if (readSync !== undefined)
    plain.readSync = (buffer, offset, count) => readSync.call(device, buffer, offset, count);
  if (sync !== undefined) plain.sync = () => sync.call(device);
  return { ...plain, ...changes };
}
