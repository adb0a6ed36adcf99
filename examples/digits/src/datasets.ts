// The data sets of the digits example. Each is made by an exported function of plain values, so
// that a loader's worker can make it too: closures do not cross into workers, module exports do.

import { join } from "node:path";
import { type Dataset, Subset, SyntheticDigits } from "@tead/data";
import { ImageFolder, MNIST } from "@tead/data/node";
import type { Tensor } from "@tead/tensor";
import { Compose, Normalize, Resize, ToTensor } from "@tead/transforms";
import { pngDecoder } from "@tead/transforms/node";
import type { DataSource } from "./options.ts";

/** An image as the network takes it, `[1, 28, 28]`, and its class. */
export type Sample = [Tensor, number];

/** What the example trains and tests on. */
export interface Digits {
  readonly train: Dataset<Sample>;
  readonly test: Dataset<Sample>;
  readonly classes: readonly string[];
}

/** The mean and deviation of MNIST's training pixels. */
const normalize = new Normalize([0.1307], [0.3081]);
const digitTransform = new Compose([new ToTensor(), normalize]);

/** Digits drawn by a program: 12,000 to train, 2,000 to test. */
export function syntheticDigits(): Digits {
  const train = new SyntheticDigits({ train: true, transform: digitTransform });
  const test = new SyntheticDigits({ train: false, transform: digitTransform });
  return { train, test, classes: train.classes };
}

/**
 * MNIST from `root`, downloaded where it is missing. Where only the test files are there, their
 * first 8,000 images train and their last 2,000 test.
 */
export async function mnistDigits(root: string): Promise<Digits> {
  const load = (train: boolean): Promise<MNIST<Tensor>> =>
    MNIST.load(root, { train, download: true, transform: digitTransform });
  const onlyTest = (await MNIST.exists(root, { train: false })) && !(await MNIST.exists(root));
  const test = await load(false);
  const { classes } = test;
  if (!onlyTest) return { train: await load(true), test, classes };
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i);
  return {
    train: new Subset(test, range(0, 8000)),
    test: new Subset(test, range(8000, 10000)),
    classes,
  };
}

/** PNG files in `root/train/<class>` and `root/test/<class>`, made gray and 28 x 28. */
export async function folderDigits(root: string): Promise<Digits> {
  const transform = new Compose([new Resize([28, 28]), new ToTensor(), normalize]);
  const load = (split: string): Promise<ImageFolder<Tensor>> =>
    ImageFolder.load(join(root, split), { decoders: [pngDecoder], channels: 1, transform });
  const [train, test] = [await load("train"), await load("test")];
  return { train, test, classes: train.classes };
}

/** The data set that the command line names. */
export function loadDigits(source: DataSource, root: string): Digits | Promise<Digits> {
  if (source === "synthetic") return syntheticDigits();
  return source === "mnist" ? mnistDigits(root) : folderDigits(root);
}
