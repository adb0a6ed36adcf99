// How good the network is: accuracy, the confusion matrix, and what it got wrong.
import type { DataLoader } from "@tead/data";
import type { Module } from "@tead/nn";
import { type Backend, noGrad, scope, type Tensor } from "@tead/tensor";
import type { Sample } from "./datasets.ts";

/** A test image that was taken for another class. */
export interface Mistake {
  /** The image as the network saw it, `[1, H, W]` in row-major order. */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly target: number;
  readonly predicted: number;
}

export interface Evaluation {
  /** The share of test images put into their class, from 0 to 1. */
  readonly accuracy: number;
  /** How often class `[row]` was taken for class `[column]`. */
  readonly confusion: readonly (readonly number[])[];
  readonly mistakes: readonly Mistake[];
}

/** The predicted classes of a batch. The GPU has nothing left of it afterwards. */
async function predict(model: Module, device: Backend, images: Tensor): Promise<ArrayLike<number>> {
  using predictions = scope(() =>
    noGrad(() => (model.forward(images.to(device)) as Tensor).argmax(1)),
  );
  return (await predictions.data()) as Int32Array;
}

/** Runs the network over the loader's samples. */
export async function evaluate(
  model: Module,
  device: Backend,
  loader: DataLoader<Sample>,
  classCount: number,
): Promise<Evaluation> {
  const confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  const mistakes: Mistake[] = [];
  let seen = 0;
  model.eval();
  for await (const [images, targets] of loader) {
    const predictions = await predict(model, device, images);
    const [labels, pixels] = [await targets.data(), (await images.data()) as Float32Array];
    const [height, width] = [images.size(2), images.size(3)];
    for (let i = 0; i < labels.length; i++, seen++) {
      const [target, predicted] = [Number(labels[i]), Number(predictions[i])];
      const row = confusion[target] as number[];
      row[predicted] = (row[predicted] as number) + 1;
      if (target === predicted) continue;
      const size = height * width;
      mistakes.push({
        pixels: pixels.slice(i * size, (i + 1) * size),
        height,
        width,
        target,
        predicted,
      });
    }
  }
  model.train();
  return { accuracy: 1 - mistakes.length / seen, confusion, mistakes };
}

/** The confusion matrix as lines of text: rows are true classes, columns predicted ones. */
export function confusionText(
  confusion: Evaluation["confusion"],
  classes: readonly string[],
): string {
  const cells = [
    ["", ...classes],
    ...confusion.map((row, i) => [classes[i] ?? "", ...row.map((n) => (n === 0 ? "." : `${n}`))]),
  ];
  const width = Math.max(...cells.flat().map((cell) => cell.length)) + 1;
  return cells.map((row) => row.map((cell) => cell.padStart(width)).join("")).join("\n");
}
