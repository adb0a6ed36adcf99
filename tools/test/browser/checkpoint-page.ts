// Runs in a page: a model and a training run go through the browser's own file system, and a file
// through URLs and Blobs; what came of it goes back to the server.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import {
  type DirectoryHandleLike,
  directoryStore,
  load,
  loadModel,
  type StoredTensor,
  save,
  saveModel,
  TrainingRun,
  torchOpen,
} from "@tead/checkpoint";
import * as nn from "@tead/nn";
import { SGD } from "@tead/optim";
import { arange, manualSeed, randn, setDefaultDevice, type Tensor } from "@tead/tensor";

/** Trains two steps from wherever the run is, saving after each; gives the losses. */
async function life(store: ReturnType<typeof directoryStore>): Promise<number[]> {
  manualSeed(0);
  const model = new nn.Linear(3, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const run = new TrainingRun(store, { model, optimizer });
  await run.resume();
  const losses: number[] = [];
  const data = { [Symbol.asyncIterator]: batches };
  for await (const x of run.batches(data)) {
    optimizer.zeroGrad();
    const loss = model.forward(x).square().mean();
    loss.backward();
    optimizer.step();
    losses.push(Number(await loss.item()));
    await run.save({ metric: -losses.at(-1)! });
    if (losses.length === 2) break;
  }
  return losses;
}
async function* batches(): AsyncGenerator<Tensor> {
  for (let i = 0; i < 4; i++) yield randn([8, 3]);
}

/** The part of the browser's `navigator` that is used. */
interface Navigator {
  readonly storage: {
    getDirectory(): Promise<{
      getDirectoryHandle(name: string, options: object): Promise<DirectoryHandleLike>;
    }>;
  };
}
const { navigator } = globalThis as unknown as { readonly navigator: Navigator };

async function outcome(): Promise<unknown> {
  setDefaultDevice(cpu());
  const root = await navigator.storage.getDirectory();
  const store = directoryStore(await root.getDirectoryHandle("run", { create: true }));
  const losses = [...(await life(store)), ...(await life(store))];
  const other = directoryStore(await root.getDirectoryHandle("other", { create: true }));
  const again = [...(await life(other)), ...(await life(other))];

  const model = new nn.Sequential(new nn.Linear(3, 2), new nn.Tanh());
  const file = new Blob([await saveModel(model, { classes: nn })]);
  const loaded = await loadModel<nn.Sequential>(file, { classes: nn });
  const x = randn([2, 3]);
  const [before, after] = [await model.forward(x).tolist(), await loaded.forward(x).tolist()];

  const url = URL.createObjectURL(new Blob([await save({ part: arange(5) })]));
  const blob = await (await fetch(url)).blob();
  await using opened = await torchOpen<{ part: StoredTensor }>(blob);
  const part = await (await opened.read(opened.value.part)).tolist();
  const whole = await (await load<{ part: Tensor }>(blob)).part.tolist();
  return { losses, again, files: await store.list(), before, after, part, whole };
}

const report = await outcome().catch((error: Error) => ({ error: error.stack ?? String(error) }));
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
