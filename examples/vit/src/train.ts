// Training on synthetic digits, and how many of some others are told right.
import { DataLoader, SyntheticDigits, TensorDataset } from "@tead/data";
import { functional as F } from "@tead/nn";
import type { AdamW } from "@tead/optim";
import { type DType, noGrad, type Tensor, tensor } from "@tead/tensor";
import type { VisionTransformer } from "./model.ts";

/** Images [N, 1, 28, 28] around 0, and their classes. */
export type Digits = TensorDataset<readonly [Tensor, Tensor]>;

export function digits(size: number, seed: number, dtype: DType = "float32"): Digits {
  const { data, targets } = new SyntheticDigits({ size, seed });
  const images = tensor(data, { dtype, shape: [size, 1, 28, 28] }).div(255);
  return new TensorDataset(images.sub(0.5).div(0.25), tensor(targets, { dtype: "int64" }));
}

/** Trains for some steps and gives the loss of each. */
export async function* train(
  model: VisionTransformer,
  optimizer: AdamW,
  dataset: Digits,
  { batchSize, steps }: { readonly batchSize: number; readonly steps: number },
): AsyncGenerator<number> {
  const loader = new DataLoader(dataset, { batchSize, shuffle: true });
  for (let step = 0; step < steps; )
    for await (const [images, classes] of loader) {
      if (step++ === steps) return;
      optimizer.zeroGrad();
      const loss = F.crossEntropy(model.forward(images), classes);
      loss.backward();
      optimizer.step();
      yield Number(await loss.item());
    }
}

/** The share of images whose class is told right. */
export async function accuracy(model: VisionTransformer, dataset: Digits): Promise<number> {
  model.eval();
  let right = 0;
  for await (const [images, classes] of new DataLoader(dataset, { batchSize: 100 })) {
    const told = noGrad(() => model.forward(images)).argmax(1);
    right += Number(await told.eq(classes).sum().item());
  }
  model.train();
  return right / dataset.length;
}
