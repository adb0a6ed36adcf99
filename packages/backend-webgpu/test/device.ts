// The device that the tests run on. Where there is no adapter they are skipped, with the reason in
// their title; with CI set they run, and fail.
import { existsSync } from "node:fs";
import { isAvailable, type WebGpuBackend, webgpu } from "@tead/backend-webgpu";
import { describe } from "vitest";

// SwiftShader, the software driver that comes with Debian's chromium. Read when Dawn starts.
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(softwareDriver)) process.env.VK_DRIVER_FILES ??= softwareDriver;

export const available: boolean = await isAvailable();
const runs = available || process.env.CI === "true";

/** A group of tests that need a GPU. */
export function describeGpu(title: string, body: () => void): void {
  if (runs) describe(title, body);
  else describe.skip(`${title} (skipped: this machine has no WebGPU adapter)`, body);
}

let device: Promise<WebGpuBackend> | undefined;

/** The one device of a test file. */
export function gpu(): Promise<WebGpuBackend> {
  device ??= webgpu();
  return device;
}
