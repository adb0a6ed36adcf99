// A backend over a device that computes nothing: what is counted is known without a GPU, and no
// shader is compiled.
import type { WebGpuBackend } from "@tead/backend-webgpu";
import { backendOver } from "../../src/backend.ts";

const nothing = (): undefined => undefined;
const none = async (): Promise<null> => null;

/** Allocates, records and counts as a GPU's backend does; `copies` counts copies between buffers. */
export function recordingBackend(): {
  readonly device: WebGpuBackend;
  readonly copies: () => number;
} {
  let copied = 0;
  const buffer = { destroy: nothing, unmap: nothing, mapAsync: none };
  const pass = new Proxy({}, { get: () => nothing });
  const encoder = {
    beginComputePass: () => pass,
    copyBufferToBuffer: () => {
      copied++;
    },
    clearBuffer: nothing,
    finish: nothing,
  };
  const limit = 2 ** 31 - 4;
  const gpu = {
    features: new Set(),
    limits: {
      maxBufferSize: limit,
      maxStorageBufferBindingSize: limit,
      maxComputeWorkgroupsPerDimension: 65535,
    },
    lost: new Promise(nothing),
    queue: { submit: nothing, writeBuffer: nothing, onSubmittedWorkDone: none },
    pushErrorScope: nothing,
    popErrorScope: none,
    createBuffer: ({ size }: { readonly size: number }) => ({
      ...buffer,
      size,
      // Bits of NaN, and of no failure
      getMappedRange: () => new Uint8Array(size).fill(255).buffer,
    }),
    createCommandEncoder: () => encoder,
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    createComputePipeline: () => ({}),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createBindGroup: () => ({}),
    destroy: nothing,
  };
  const backend = backendOver(gpu as unknown as GPUDevice, { memoryLimit: limit }, nothing);
  return { device: backend, copies: () => copied };
}
