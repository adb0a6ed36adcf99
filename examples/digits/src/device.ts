// The device that `--device` names.
import { cpu } from "@tead/backend-cpu";
import { type WebGpuBackend, webgpu } from "@tead/backend-webgpu";
import { type Backend, DeviceError } from "@tead/tensor";
import type { DeviceName } from "./options.ts";

/** A device that may have to be given back, or the program would wait for it. */
export interface OpenDevice extends Disposable {
  readonly device: Backend;
}

/**
 * Opens a device. Data stay on the CPU; the model and the batches go to the device.
 * @throws DeviceError that says what to install where there is no GPU.
 */
export async function openDevice(name: DeviceName): Promise<OpenDevice> {
  if (name === "cpu") return { device: cpu(), [Symbol.dispose]: () => {} };
  const device = await openGpu();
  return { device, [Symbol.dispose]: () => device.destroy() };
}

async function openGpu(): Promise<WebGpuBackend> {
  try {
    return await webgpu();
  } catch (cause) {
    if (!(cause instanceof DeviceError)) throw cause;
    const [reason] = cause.message.split("\n");
    throw new DeviceError(`--device webgpu: Cannot open a GPU: ${reason}`, {
      hint:
        "in Node, npm install webgpu (Dawn, the WebGPU of Chrome), and a Vulkan, Metal or Direct3D 12 driver; " +
        "without --device it trains on the CPU",
      cause,
    });
  }
}
