// The device to train on: the one asked for, or the CPU with a note that says why.
import { cpu } from "@tead/backend-cpu";
import { webgpu } from "@tead/backend-webgpu";
import { type Backend, DeviceError } from "@tead/tensor";
import type { DeviceName } from "../protocol.ts";

export interface OpenedDevice {
  readonly device: Backend;
  readonly name: DeviceName;
  readonly note?: string;
}

export async function openDevice(wanted: DeviceName): Promise<OpenedDevice> {
  if (wanted === "cpu") return { device: cpu(), name: "cpu" };
  try {
    return { device: await webgpu(), name: "webgpu" };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    const reason =
      "gpu" in navigator
        ? "This browser has WebGPU but finds no GPU for it"
        : "This browser has no WebGPU";
    const note = `${reason}, so the network trains on the CPU with WebAssembly. It learns the same, only slower.`;
    return { device: cpu(), name: "cpu", note };
  }
}
