// The training loop: shuffled batches, cross-entropy, SGD; it can stop after any step. Only the
// losses are read from the device, many at a time: nothing else waits for it.
import type { DataLoader } from "@tead/data";
import { CrossEntropyLoss } from "@tead/nn";
import type { SummaryWriter } from "@tead/summary/node";
import { scope, stack, type Tensor } from "@tead/tensor";
import type { Sample } from "./datasets.ts";
import { EpochProgress } from "./progress.ts";
import type { Run } from "./run-state.ts";

const criterion = new CrossEntropyLoss();
/** How many steps there are between two looks at their losses. */
const stepsPerRead = 20;

/** One step; gives the loss, on the device. Everything else that it made there is freed. */
function trainStep({ model, optimizer, device }: Run, images: Tensor, targets: Tensor): Tensor {
  return scope(() => {
    optimizer.zeroGrad();
    const output = model.forward(images.to(device)) as Tensor;
    const loss = criterion.forward(output, targets.to(device));
    loss.backward();
    optimizer.step();
    return loss.detach();
  });
}

/** The losses that are still on the device, and what hears of them. */
class LossLog {
  readonly #waiting: { readonly loss: Tensor; readonly step: number; readonly walltime: number }[] =
    [];
  readonly #writer: SummaryWriter;
  readonly #progress: EpochProgress;

  constructor(writer: SummaryWriter, progress: EpochProgress) {
    this.#writer = writer;
    this.#progress = progress;
  }

  /** Takes the loss of a step; every so many steps it reads them. */
  async add(loss: Tensor, step: number): Promise<void> {
    this.#waiting.push({ loss, step, walltime: Date.now() / 1000 });
    if (this.#waiting.length === stepsPerRead) await this.flush();
  }

  /** Reads the losses that wait, all at once. */
  async flush(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    if (waiting.length === 0) return;
    using losses = stack(waiting.map(({ loss }) => loss));
    const values = await losses.data();
    waiting.forEach(({ loss, step, walltime }, i) => {
      loss[Symbol.dispose]();
      const value = Number(values[i]);
      this.#progress.addLoss(value);
      this.#writer.addScalar("train/loss", value, step, { walltime });
    });
  }
}

/** How an epoch ended. */
export interface EpochResult {
  /** The mean loss over the last steps, weighted to the latest. */
  readonly loss: number;
  readonly imagesPerSecond: number;
  /** Whether it stopped before its end. */
  readonly stopped: boolean;
}

/** Trains for one epoch, or what is left of it. */
export async function trainEpoch(
  run: Run,
  loader: DataLoader<Sample>,
  writer: SummaryWriter,
  { epochs, shouldStop }: { readonly epochs: number; readonly shouldStop: () => boolean },
): Promise<EpochResult> {
  const { training } = run;
  const progress = new EpochProgress(training.epoch + 1, epochs, loader.length, training.step);
  const losses = new LossLog(writer, progress);
  let stopped = false;
  for await (const [images, targets] of training.batches(loader)) {
    const loss = trainStep(run, images, targets);
    run.scheduler.step();
    progress.step(targets.size(0));
    await losses.add(loss, training.globalStep);
    stopped = shouldStop();
    if (stopped) break;
  }
  await losses.flush();
  progress.stop();
  return { loss: progress.loss, imagesPerSecond: progress.rate, stopped };
}
