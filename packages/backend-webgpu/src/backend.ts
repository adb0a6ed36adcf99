// The WebGPU device as @tead/tensor sees it: allocation, transfers and the table of kernels.
import { type Backend, type Capabilities, contractNumber, type View } from "@tead/tensor";
import type { CommandCounts } from "./gpu/commands.ts";
import { Gpu, type GpuOptions } from "./gpu/gpu.ts";
import { dtypesOf } from "./gpu/layout.ts";
import type { DeviceBuffer, MemoryUse } from "./gpu/memory.ts";
import { makeKernels } from "./kernels/index.ts";
import { drawOn } from "./random/draw.ts";

/** A GPU. Reads are asynchronous; everything else is recorded and runs in order. */
export interface WebGpuBackend extends Backend {
  /** Submits what is recorded; resolves when the GPU is done, rejects with what failed. */
  sync(): Promise<void>;
  /** Bytes of GPU memory: in use, pooled, and the most ever in use. */
  memory(): MemoryUse;
  /** How many dispatches and submits there have been. */
  counts(): CommandCounts;
  /** Frees all GPU memory. Tensors that live here, and the device itself, are unusable after it. */
  destroy(): void;
}

/** A one-dim window on a buffer. */
const vector = (buffer: DeviceBuffer, offset: number, count: number): View => ({
  buffer,
  dtype: buffer.dtype,
  shape: [count],
  strides: [1],
  offset,
});

export interface BackendOptions extends GpuOptions {
  /** Whose random numbers; the host's unless said. */
  readonly generator?: Capabilities["generator"];
}

/** The backend over a device. `onDestroy` runs when the backend has freed its memory. */
export function backendOver(
  device: GPUDevice,
  options: BackendOptions,
  onDestroy: () => void,
): WebGpuBackend {
  const { generator = "mt19937" } = options;
  const gpu = new Gpu(device, options);
  const { transfer, commands, memory } = gpu;
  const kernels = makeKernels(gpu);
  return {
    name: "webgpu",
    contract: contractNumber,
    capabilities: { syncRead: false, dtypes: dtypesOf(gpu.hasHalf), generator },
    kernels,
    ...(generator === "philox" && { draw: (output, draw, key) => drawOn(gpu, output, draw, key) }),
    allocate: (dtype, count) => gpu.allocate(dtype, count),
    free: (buffer) => memory.free(buffer as DeviceBuffer),
    write(opaque, elementOffset, data) {
      const buffer = opaque as DeviceBuffer;
      if (transfer.isAligned(buffer, elementOffset, data.length)) {
        transfer.write(buffer, elementOffset, data);
        return;
      }
      // Half a word of 16-bit floats: written whole elsewhere, then copied by element.
      const whole = gpu.allocate(buffer.dtype, data.length);
      transfer.write(whole, 0, data);
      kernels.copy({
        inputs: [vector(whole, 0, data.length)],
        outputs: [vector(buffer, elementOffset, data.length)],
        attrs: { dtype: buffer.dtype },
        fail: () => {},
      });
      memory.free(whole);
    },
    read: (buffer, elementOffset, count) =>
      transfer.read(buffer as DeviceBuffer, elementOffset, count),
    sync: () => transfer.sync(),
    memory: () => memory.use,
    counts: () => commands.counts,
    destroy() {
      gpu.destroy();
      onDestroy();
    },
  };
}
