// The entry: a backend over a GPU that this package finds, or over a device that the user made.
import { type AdapterOptions, requestAdapter, requestDevice } from "./adapter.ts";
import { type BackendOptions, backendOver, type WebGpuBackend } from "./backend.ts";

/** What this package uses of a `GPUDevice`: any runtime's device is one. */
export interface GpuDeviceLike {
  readonly features: {
    /** Whether the device was made with a feature. */
    has(name: string): boolean;
  };
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
  readonly queue: object;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  /** Ends the device and frees its memory. */
  destroy(): void;
}

/** Options of `webgpu`. */
export interface WebGpuOptions extends AdapterOptions {
  /** A device of your own, to share buffers' memory or limits with a renderer. */
  readonly device?: GpuDeviceLike;
  /** Bytes of live GPU memory beyond which a new tensor throws; 4 GiB by default. */
  readonly memoryLimit?: number;
  /**
   * Whose random numbers: "mt19937", the CPU's, drawn by the host and uploaded (the default), or
   * "philox", drawn on the GPU: other numbers, the same on every adapter, many times faster.
   */
  readonly generator?: "mt19937" | "philox";
}

const defaultMemoryLimit = 4 * 2 ** 30;

let shared: Promise<WebGpuBackend> | undefined;
const overDevices = new WeakMap<GpuDeviceLike, WebGpuBackend>();

/**
 * The GPU. Called without options it is one and the same device each time, as long as that lives;
 * with options it is a device of its own, except that one `device` gives one backend.
 *
 * dtypes: float32, int32, uint8, bool, and float16 where the adapter has `shader-f16`.
 * @param options.device a `GPUDevice` that you made, with whatever limits and features it has
 * @param options.powerPreference which GPU to take where there are two
 * @param options.memoryLimit bytes of live GPU memory beyond which a new tensor throws a StateError
 * @param options.generator "philox" draws uniform, normal and Bernoulli numbers and dropout's masks
 * on the GPU; their seed is the host's generator, so that `manualSeed()` and `getState()` govern them
 * @param options.dawn options for Dawn in Node
 * @throws DeviceError where there is no WebGPU, no adapter or no device
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { isAvailable, webgpu } from "@tead/backend-webgpu";
 * import { tensor } from "@tead/tensor";
 * const device = (await isAvailable()) ? await webgpu() : cpu();
 * const x = tensor([1, 2, 3], { device });
 * assert.deepEqual(await x.mul(2).tolist(), [2, 4, 6]);
 */
export async function webgpu(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  const { device, memoryLimit = defaultMemoryLimit, generator = "mt19937" } = options;
  if (!(memoryLimit > 0))
    throw new RangeError(
      `webgpu: Option memoryLimit is not valid: expected bytes above 0, received ${memoryLimit}`,
    );
  if (generator !== "mt19937" && generator !== "philox")
    throw new RangeError(
      `webgpu: Option generator is not valid: expected "mt19937" or "philox", received "${generator}"`,
    );
  const settings = { memoryLimit, generator };
  if (device !== undefined) return overGiven(device, settings);
  if (Object.keys(options).length > 0) return open(options, settings);
  shared ??= openShared(settings);
  return shared;
}

/** Whether `webgpu()` would find an adapter. Never throws. */
export async function isAvailable(options: AdapterOptions = {}): Promise<boolean> {
  try {
    await requestAdapter(options);
    return true;
  } catch {
    return false;
  }
}

function overGiven(device: GpuDeviceLike, settings: BackendOptions): WebGpuBackend {
  let backend = overDevices.get(device);
  if (backend === undefined) {
    const forget = (): boolean => overDevices.delete(device);
    backend = backendOver(device as GPUDevice, settings, forget);
    overDevices.set(device, backend);
  }
  return backend;
}

async function open(options: AdapterOptions, settings: BackendOptions): Promise<WebGpuBackend> {
  const device = await requestDevice(options);
  return backendOver(device, settings, () => device.destroy());
}

/** Forgets itself when the device is lost or never came, so that the next call may try again. */
async function openShared(settings: BackendOptions): Promise<WebGpuBackend> {
  const forget = (): void => {
    shared = undefined;
  };
  try {
    const device = await requestDevice({});
    void device.lost.then(forget);
    return backendOver(device, settings, () => {
      device.destroy();
      forget();
    });
  } catch (error) {
    forget();
    throw error;
  }
}
