// A training run in a folder.
import type { RunStore } from "../training/run-store.ts";
import {
  type Stateful,
  TrainingRun as StoredTrainingRun,
  type TrainingRunOptions,
} from "../training/training-run.ts";
import { folderStore } from "./folder-store.ts";

/**
 * The state of a training run in a folder: `TrainingRun` of the main entry, with a path.
 *
 * Files are written under another name, synced and renamed: a process that is killed at any moment
 * leaves checkpoints that load. The last `keepLast` of them stay, and the one with the best metric.
 *
 * @param place - The folder, which is made if missing, or another store.
 * @param parts - What has a state, by name: `{ model, optimizer, scheduler }`.
 * @param options - `keepLast`, `best`, `generators`, `device`.
 * @throws RangeError if `keepLast` is not a positive integer.
 * @see https://pytorch.org/tutorials/recipes/recipes/saving_and_loading_a_general_checkpoint.html
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { TrainingRun } from "@tead/checkpoint/node";
 * import { DataLoader } from "@tead/data";
 * import { Linear } from "@tead/nn";
 * import { SGD } from "@tead/optim";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const folder = mkdtempSync(join(tmpdir(), "tead-"));
 * const model = new Linear(1, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const loader = new DataLoader([0.5, 1, 1.5, 2], { batchSize: 2, shuffle: true });
 *
 * const run = new TrainingRun(folder, { model, optimizer });
 * await run.resume(); // goes on where the last process stopped, if there was one
 * while (run.epoch < 3) {
 *   for await (const batch of run.batches(loader)) {
 *     optimizer.zeroGrad();
 *     model.forward(batch.to("float32").reshape([-1, 1])).square().sum().backward();
 *     optimizer.step();
 *   }
 *   await run.save({ metric: run.epoch });
 * }
 *
 * const again = new TrainingRun(folder, { model, optimizer });
 * assert.equal((await again.resume())?.metric, 3);
 * assert.deepEqual([again.epoch, again.globalStep], [3, 6]);
 */
export class TrainingRun extends StoredTrainingRun {
  constructor(
    place: string | RunStore,
    parts: Readonly<Record<string, Stateful>>,
    options: TrainingRunOptions = {},
  ) {
    super(typeof place === "string" ? folderStore(place) : place, parts, options);
  }
}
