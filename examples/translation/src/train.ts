// Training with the right words before each word, and translating without.
import { DataLoader, type TensorDataset } from "@tead/data";
import { functional as F } from "@tead/nn";
import type { Adam } from "@tead/optim";
import { cat, noGrad, type Tensor } from "@tead/tensor";
import type { Translator } from "./models.ts";
import { END, encodeNumbers, PAD, START, WORDS } from "./numbers.ts";

/** Trains for some steps and gives the loss of each. */
export async function* train(
  model: Translator,
  optimizer: Adam,
  dataset: TensorDataset<readonly [Tensor, Tensor]>,
  { batchSize, steps }: { readonly batchSize: number; readonly steps: number },
): AsyncGenerator<number> {
  const loader = new DataLoader(dataset, { batchSize, shuffle: true });
  for (let step = 0; step < steps; )
    for await (const [source, target] of loader) {
      if (step++ === steps) return;
      const length = target.size(1) - 1;
      optimizer.zeroGrad();
      const scores = model.forward(source, target.narrow(1, 0, length));
      const next = target.narrow(1, 1, length).flatten();
      const loss = F.crossEntropy(scores.flatten(0, 1), next, { ignoreIndex: PAD });
      loss.backward();
      optimizer.step();
      yield Number(await loss.item());
    }
}

/** The words for some numbers, each time the likeliest. */
export async function translate(model: Translator, numbers: readonly number[]): Promise<string[]> {
  return noGrad(async () => {
    const source = encodeNumbers(numbers);
    let target = source.newFull([numbers.length, 1], START);
    for (let i = 0; i < 5; i++) {
      const scores = model.forward(source, target);
      const next = scores.select(1, i).argmax(1).to(target.dtype);
      target = cat([target, next.unsqueeze(1)], 1);
    }
    const rows = (await target.tolist()) as (number | bigint)[][];
    return rows.map((row) => {
      const words = row.slice(1).map(Number);
      const end = words.indexOf(END);
      return words
        .slice(0, end < 0 ? words.length : end)
        .map((word) => WORDS[word])
        .join(" ");
    });
  });
}
