// The worker: opens a device, makes the network and answers the page.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { manualSeed, setDefaultDevice } from "@tead/tensor";
import type { DeviceName, Report, Request } from "../protocol.ts";
import { openDevice } from "./device.ts";
import { sampleImages } from "./digits.ts";
import { Trainer } from "./trainer.ts";

const sampleCount = 30;

const report = (message: Report): void => self.postMessage(message);

async function open(wanted: DeviceName): Promise<Trainer> {
  setDefaultDevice(cpu());
  manualSeed(0);
  const { device, name, note } = await openDevice(wanted);
  const samples = sampleImages(sampleCount);
  const pixels = samples.flatMap((sample) => Array.from(sample.pixels, (value) => value / 255));
  const trainer = new Trainer(device, Float32Array.from(pixels), report);
  report({ type: "opened", device: name, note, samples });
  return trainer;
}

let opening: Promise<Trainer> | undefined;

async function answer(request: Request): Promise<void> {
  if (request.type === "open") {
    opening = open(request.device);
    await opening;
    return;
  }
  const trainer = await opening;
  if (trainer === undefined) return;
  if (request.type === "train") await trainer.train(request.settings);
  else if (request.type === "pause") trainer.pause();
  else {
    const values = await trainer.probabilities(request.pixels);
    report({ type: "probabilities", values });
  }
}

self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  answer(data).catch((error: unknown) => {
    report({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});
