// The network and its training. Data are made on the CPU; batches go to the device inside the scope
// of their step, so that GPU memory stays flat. Only losses and predictions are read.
import { DataLoader } from "@tead/data";
import { LeNet5 } from "@tead/models";
import { CrossEntropyLoss } from "@tead/nn";
import { SGD } from "@tead/optim";
import { type Backend, noGrad, scope, softmax, stack, type Tensor } from "@tead/tensor";
import type { Prediction, Report, Settings } from "../protocol.ts";
import { batchOf, makeDigits } from "./digits.ts";

/** The losses are read this often: the page shows them live, the GPU seldom waits. */
const readEveryMs = 150;
/** The page's test digits are classified this often. */
const predictEveryMs = 1000;

export class Trainer {
  readonly #device: Backend;
  readonly #report: (report: Report) => void;
  /** The test images that the page shows, from 0 to 1. */
  readonly #samples: Float32Array;
  readonly #model: LeNet5;
  readonly #criterion = new CrossEntropyLoss();
  #going: Promise<void> | undefined;
  #resume: (() => void) | undefined;
  #paused = false;

  constructor(device: Backend, samples: Float32Array, report: (report: Report) => void) {
    this.#device = device;
    this.#samples = samples;
    this.#report = report;
    this.#model = new LeNet5().to(device);
  }

  /** Begins to train, or goes on after a pause. */
  train(settings: Settings): Promise<void> {
    this.#paused = false;
    this.#resume?.();
    this.#going ??= this.#run(settings).finally(() => {
      this.#going = undefined;
    });
    return this.#going;
  }

  /** Stops after the step that is under way. */
  pause(): void {
    this.#paused = this.#going !== undefined;
  }

  /** The probability of each digit, for images of values from 0 to 1: ten numbers an image. */
  async probabilities(pixels: Float32Array): Promise<number[]> {
    const batch = batchOf(pixels);
    using probabilities = this.#infer((model) => softmax(model.forward(batch.to(this.#device)), 1));
    return Array.from(await probabilities.data(), Number);
  }

  async #run(settings: Settings): Promise<void> {
    const { images, batchSize, epochs, learningRate } = settings;
    const shuffled = new DataLoader(makeDigits(true, images), { batchSize, shuffle: true });
    const tests = new DataLoader(makeDigits(false, Math.ceil(images / 6)), { batchSize: 100 });
    const optimizer = new SGD(this.#model.parameters(), { lr: learningRate, momentum: 0.9 });
    for (let epoch = 0; epoch < epochs; epoch++) {
      await this.#epoch(shuffled, optimizer, epoch);
      this.#report({ type: "epoch", accuracy: await this.#accuracy(tests) });
      await this.#predict();
    }
    this.#report({ type: "idle", finished: true });
  }

  async #epoch(loader: DataLoader<[Tensor, number]>, optimizer: SGD, epoch: number): Promise<void> {
    const losses: Tensor[] = [];
    let [seen, step, readAt, predictAt] = [0, 0, 0, 0];
    let since = performance.now();
    for await (const [images, targets] of loader) {
      losses.push(this.#step(optimizer, images, targets));
      [seen, step] = [seen + targets.size(0), step + 1];
      const now = performance.now();
      if (now < readAt && step < loader.length && !this.#paused) continue;
      const values = await readAll(losses.splice(0));
      const imagesPerSecond = (seen / (performance.now() - since)) * 1000;
      this.#report({
        type: "losses",
        values,
        epoch: epoch + step / loader.length,
        imagesPerSecond,
      });
      if (now >= predictAt || this.#paused) {
        await this.#predict();
        predictAt = performance.now() + predictEveryMs;
      }
      if (this.#paused) {
        await this.#pause();
        [seen, since] = [0, performance.now()];
      }
      readAt = performance.now() + readEveryMs;
    }
  }

  /** One step; gives the loss, on the device. */
  #step(optimizer: SGD, images: Tensor, targets: Tensor): Tensor {
    return scope(() => {
      optimizer.zeroGrad();
      const output = this.#model.forward(images.to(this.#device));
      const loss = this.#criterion.forward(output, targets.to(this.#device));
      loss.backward();
      optimizer.step();
      return loss.detach();
    });
  }

  async #pause(): Promise<void> {
    this.#report({ type: "idle", finished: false });
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
    this.#resume = undefined;
  }

  async #accuracy(tests: DataLoader<[Tensor, number]>): Promise<number> {
    let [right, seen] = [0, 0];
    for await (const [images, targets] of tests) {
      using hits = this.#infer((model) => {
        const predicted = model.forward(images.to(this.#device)).argmax(1);
        return predicted.eq(targets.to(this.#device)).sum();
      });
      right += Number(await hits.item());
      seen += targets.size(0);
    }
    return right / seen;
  }

  async #predict(): Promise<void> {
    const values = await this.probabilities(this.#samples);
    const predictions: Prediction[] = [];
    for (let start = 0; start < values.length; start += 10) {
      const row = values.slice(start, start + 10);
      const probability = Math.max(...row);
      predictions.push({ digit: row.indexOf(probability), probability });
    }
    this.#report({ type: "predictions", predictions });
  }

  /** What `fn` computes with the network; everything else that it makes is freed. */
  #infer(fn: (model: LeNet5) => Tensor): Tensor {
    return scope(() => noGrad(() => fn(this.#model)));
  }
}

/** The values of tensors of one element, by one read. The tensors are freed. */
async function readAll(tensors: readonly Tensor[]): Promise<number[]> {
  using all = stack(tensors);
  const values = await all.data();
  for (const one of tensors) one[Symbol.dispose]();
  return Array.from(values, Number);
}
