// Finding a GPU: the runtime's own WebGPU (browsers, Deno), else Dawn from the optional package
// "webgpu" (Node).
import { DeviceError } from "@tead/tensor";

/** Which adapter to ask for. */
export interface AdapterOptions {
  /** Which GPU a machine with two should give; the driver decides if absent. */
  readonly powerPreference?: "low-power" | "high-performance";
  /** Options for Dawn in Node, such as `["adapter=llvmpipe"]`; ignored elsewhere. */
  readonly dawn?: readonly string[];
}

interface DawnModule {
  create(options: string[]): GPU;
}

const fallback =
  'train on the CPU where there is none: (await isAvailable()) ? await webgpu() : cpu() from "@tead/backend-cpu"';

// Dawn stops when its entry object is collected, so the entries are kept.
const dawns = new Map<string, GPU>();

/** The runtime's entry to WebGPU. */
async function findGpu({ dawn = [] }: AdapterOptions): Promise<GPU> {
  const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
  if (navigator?.gpu !== undefined) return navigator.gpu;
  const key = dawn.join(" ");
  const known = dawns.get(key);
  if (known !== undefined) return known;
  try {
    // Nothing that folds to a literal: bundlers for browsers must not look for a package that only Node needs.
    const name = ["web", "gpu"].join("");
    const { create } = (await import(/* @vite-ignore */ name)) as DawnModule;
    const gpu = create([...dawn]);
    dawns.set(key, gpu);
    return gpu;
  } catch (cause) {
    throw new DeviceError(
      "webgpu: This runtime has no WebGPU: expected navigator.gpu or the package webgpu",
      { hint: `in Node, npm install webgpu; elsewhere, ${fallback}`, cause },
    );
  }
}

/** An adapter, or an error that says what to do. */
export async function requestAdapter(options: AdapterOptions): Promise<GPUAdapter> {
  const { powerPreference } = options;
  const gpu = await findGpu(options);
  const adapter = await gpu.requestAdapter(
    powerPreference === undefined ? {} : { powerPreference },
  );
  if (adapter === null)
    throw new DeviceError("webgpu: No adapter: expected a GPU with a driver, received none", {
      hint: `in Node, a Vulkan, Metal or Direct3D 12 driver is needed; ${fallback}`,
    });
  return adapter;
}

const wantedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/** A device with all that the adapter offers and the kernels use. */
export async function requestDevice(options: AdapterOptions): Promise<GPUDevice> {
  const adapter = await requestAdapter(options);
  const requiredLimits = Object.fromEntries(
    wantedLimits.map((name) => [name, adapter.limits[name]]),
  );
  const requiredFeatures: GPUFeatureName[] = adapter.features.has("shader-f16")
    ? ["shader-f16"]
    : [];
  try {
    return await adapter.requestDevice({ label: "tead", requiredFeatures, requiredLimits });
  } catch (cause) {
    throw new DeviceError("webgpu: No device: expected the adapter to open one", {
      hint: "close other programs that use the GPU, or update the driver",
      cause,
    });
  }
}
