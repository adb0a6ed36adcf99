// The page's side of the worker: one worker is one network on one device.
import type { DeviceName, Report, Request, Settings } from "./protocol.ts";

export class Session {
  readonly #worker: Worker;
  #classifying = false;
  #next: Float32Array | undefined;

  constructor(device: DeviceName, hear: (report: Report) => void) {
    this.#worker = new Worker(new URL("./worker/main.ts", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
      if (data.type === "probabilities") this.#classified();
      hear(data);
    });
    this.#worker.addEventListener("error", ({ message }) => {
      hear({ type: "failed", message: message || "The worker could not be loaded" });
    });
    this.#ask({ type: "open", device });
  }

  train(settings: Settings): void {
    this.#ask({ type: "train", settings });
  }

  pause(): void {
    this.#ask({ type: "pause" });
  }

  /** Asks what an image is. One question is under way at a time; the latest waits for its turn. */
  classify(pixels: Float32Array): void {
    this.#next = pixels;
    if (!this.#classifying) this.#classifyNext();
  }

  /** Ends the worker, and with it the network and its memory on the device. */
  close(): void {
    this.#worker.terminate();
  }

  #classified(): void {
    this.#classifying = false;
    this.#classifyNext();
  }

  #classifyNext(): void {
    const pixels = this.#next;
    if (pixels === undefined) return;
    this.#next = undefined;
    this.#classifying = true;
    this.#ask({ type: "classify", pixels });
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
  }
}
