// The training loop: shuffled batches, cross-entropy, SGD; it can stop after any step.
import type { DataLoader } from "@tead/data";
import { CrossEntropyLoss, type Module } from "@tead/nn";
import type { Optimizer } from "@tead/optim";
import type { SummaryWriter } from "@tead/summary/node";
import { defaultGenerator, scope, type Tensor } from "@tead/tensor";
import type { Sample } from "./datasets.ts";
import { EpochProgress } from "./progress.ts";
import type { Run } from "./run-state.ts";

const criterion = new CrossEntropyLoss();

/** One step; gives the loss. */
function trainStep(model: Module, optimizer: Optimizer, images: Tensor, targets: Tensor): number {
  return scope(() => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(images) as Tensor, targets);
    loss.backward();
    optimizer.step();
    return loss.itemSync() as number;
  });
}

/** How an epoch ended. */
export interface EpochResult {
  /** The mean loss over the last steps, weighted to the latest. */
  readonly loss: number;
  readonly imagesPerSecond: number;
  /** Whether it stopped before its end. */
  readonly stopped: boolean;
}

/**
 * Trains for one epoch, or what is left of it. `resumed` is the generator's state at the point
 * where an earlier run stopped.
 */
export async function trainEpoch(
  run: Run,
  loader: DataLoader<Sample>,
  writer: SummaryWriter,
  {
    epochs,
    resumed,
    shouldStop,
  }: { epochs: number; resumed?: Uint8Array; shouldStop: () => boolean },
): Promise<EpochResult> {
  const { model, optimizer, position } = run;
  const generator = defaultGenerator();
  const skipped = position.step;
  if (skipped > 0) generator.setState(position.epochStart);
  else position.epochStart = generator.getState();
  const progress = new EpochProgress(position.epoch + 1, epochs, loader.length, skipped);
  let index = 0;
  let stopped = false;
  for await (const [images, targets] of loader) {
    if (index++ < skipped) continue;
    if (index === skipped + 1 && resumed !== undefined) generator.setState(resumed);
    const loss = trainStep(model, optimizer, images, targets);
    run.scheduler.step();
    position.step++;
    position.globalStep++;
    progress.step(loss, targets.size(0));
    writer.addScalar("train/loss", loss, position.globalStep);
    stopped = shouldStop();
    if (stopped) break;
  }
  progress.stop();
  if (!stopped || position.step === loader.length) {
    position.epoch++;
    position.step = 0;
  }
  return { loss: progress.loss, imagesPerSecond: progress.rate, stopped };
}
