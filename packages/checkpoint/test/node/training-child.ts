// A program that trains for ever and saves after every step: the tests kill it, and it goes on.
import "@tead/autograd";
import { appendFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { TrainingRun } from "@tead/checkpoint/node";
import { DataLoader } from "@tead/data";
import { Dropout, Linear, ReLU, Sequential } from "@tead/nn";
import { Adam, StepLR } from "@tead/optim";
import { manualSeed, setDefaultDevice, tensor } from "@tead/tensor";

/** Trains from wherever `folder` is, until `steps` are done; a line for each goes to `log`. */
async function train(folder: string, log: string, steps: number): Promise<void> {
  setDefaultDevice(cpu());
  manualSeed(3);
  const model = new Sequential(new Linear(4, 16), new ReLU(), new Dropout(0.2), new Linear(16, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const scheduler = new StepLR(optimizer, 10, { gamma: 0.9 });
  const samples = Array.from({ length: 50 }, (_, i) => [i % 7, i % 5, i % 3, i].map((v) => v / 10));
  const loader = new DataLoader(samples, {
    batchSize: 8,
    shuffle: true,
    collateFn: (rows: number[][]) => tensor(rows, { dtype: "float32" }),
  });
  const run = new TrainingRun(folder, { model, optimizer, scheduler });
  await run.resume();
  while (run.globalStep < steps)
    for await (const x of run.batches(loader)) {
      optimizer.zeroGrad();
      const loss = model
        .forward(x)
        .sub(x.sum(1, { keepDim: true }))
        .square()
        .mean();
      loss.backward();
      optimizer.step();
      scheduler.step();
      const value = loss.itemSync() as number;
      appendFileSync(log, `${run.globalStep} ${value}\n`);
      await run.save({ metric: -value });
      if (run.globalStep >= steps) break;
    }
}

const [folder, log, steps] = process.argv.slice(2) as [string, string, string];
await train(folder, log, Number(steps));
