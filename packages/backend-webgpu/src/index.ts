// The public face of @tead/backend-webgpu: re-exports only.
export type { AdapterOptions } from "./adapter.ts";
export type { WebGpuBackend } from "./backend.ts";
export type { CommandCounts } from "./gpu/commands.ts";
export type { MemoryUse } from "./gpu/memory.ts";
export { type GpuDeviceLike, isAvailable, type WebGpuOptions, webgpu } from "./webgpu.ts";
