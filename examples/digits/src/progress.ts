// A progress bar on a terminal, silence elsewhere.
import { SingleBar } from "cli-progress";

/** Shows how far an epoch is, with the running loss and the samples a second. */
export class EpochProgress {
  readonly #bar: SingleBar | undefined;
  readonly #start = performance.now();
  #loss = Number.NaN;
  #samples = 0;

  constructor(epoch: number, epochs: number, steps: number, done: number) {
    if (process.stderr.isTTY !== true) return;
    const format = `epoch ${epoch}/${epochs} {bar} {percentage}% | loss {loss} | {rate} images/s | {eta_formatted} left`;
    this.#bar = new SingleBar({ format, barsize: 24, hideCursor: true, clearOnComplete: true });
    this.#bar.start(steps, done, { loss: "-", rate: "-" });
  }

  /** The mean loss of recent steps. */
  get loss(): number {
    return this.#loss;
  }

  /** Images a second since the epoch began. */
  get rate(): number {
    return (this.#samples / (performance.now() - this.#start)) * 1000;
  }

  /** A step was taken. Its loss comes later, by `addLoss`. */
  step(samples: number): void {
    this.#samples += samples;
    const loss = Number.isNaN(this.#loss) ? "-" : this.#loss.toFixed(4);
    this.#bar?.increment({ loss, rate: Math.round(this.rate) });
  }

  addLoss(loss: number): void {
    this.#loss = Number.isNaN(this.#loss) ? loss : 0.98 * this.#loss + 0.02 * loss;
  }

  stop(): void {
    this.#bar?.stop();
  }
}
