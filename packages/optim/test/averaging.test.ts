// Averages of weights against torch.optim.swa_utils.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { BatchNorm1d, Linear, Sequential, Tanh } from "@tead/nn";
import {
  AveragedModel,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaMultiAvgFn,
  SGD,
  updateBn,
} from "@tead/optim";
import { type DType, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import type { Matrix } from "./fixture.ts";

setDefaultDevice(cpu());

type Saved = Readonly<Record<string, { readonly tensor: never; readonly dtype: DType }>>;
type Average = "mean" | "multi" | "moving" | "movingMulti" | "buffers" | "movingBuffers";
const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/averaging.json", import.meta.url), "utf8"),
) as {
  readonly x: Matrix;
  readonly y: Matrix;
  readonly start: Saved;
  readonly averages: Readonly<Record<Average, Saved>>;
  readonly normalized: Saved;
  readonly output: Matrix;
};
const float64 = { dtype: "float64" } as const;
const [x, y] = [tensor(fixture.x, float64), tensor(fixture.y, float64)];
const tensors = (saved: Saved): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(saved).map(([key, { tensor: values, dtype }]) => [
      key,
      tensor(values, { dtype }),
    ]),
  );

function network(): Sequential {
  const layers = [new Linear(4, 5), new BatchNorm1d(5), new Tanh(), new Linear(5, 3)];
  const model = new Sequential(...layers).to("float64");
  model.loadStateDict(tensors(fixture.start));
  return model;
}
/** Five steps, each of which goes into the average. */
function trained<A extends AveragedModel<Sequential>>(make: (model: Sequential) => A): A {
  const model = network();
  const average = make(model);
  const optimizer = new SGD(model.parameters(), { lr: 0.3 });
  for (let step = 0; step < 5; step++) {
    optimizer.zeroGrad();
    const [inputs, targets] = [x, y].map((t) => t.narrow(0, step % 3, 4)) as [Tensor, Tensor];
    model.forward(inputs).sub(targets).square().mean().backward();
    optimizer.step();
    average.updateParameters(model);
  }
  return average;
}
const numbers = (t: Tensor): number[] => Array.from(t.dataSync(), Number);
function expectState(found: Readonly<Record<string, Tensor>>, saved: Saved, skip = /^$/): void {
  const expected = tensors(saved);
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [key, value] of Object.entries(expected)) {
    if (skip.test(key)) continue;
    const mine = numbers(found[key] as Tensor);
    for (const [i, e] of numbers(value).entries()) expect(mine[i]).toBeCloseTo(e, 11);
  }
}

describe("AveragedModel", () => {
  const decay = 0.8;
  const makes: Record<Average, ConstructorParameters<typeof AveragedModel>[1]> = {
    mean: {},
    multi: { multiAvgFn: getSwaMultiAvgFn() },
    moving: { avgFn: getEmaAvgFn(decay) },
    movingMulti: { multiAvgFn: getEmaMultiAvgFn(decay) },
    buffers: { useBuffers: true },
    movingBuffers: { multiAvgFn: getEmaMultiAvgFn(decay), useBuffers: true },
  };
  test.each(Object.entries(makes))("keeps PyTorch's average: %s", (name, options) => {
    const average = trained((m) => new AveragedModel(m, options));
    // PyTorch averages counts of batches too, in integers that hardly move; here they are copied.
    const skip = options?.useBuffers ? /num_batches/ : undefined;
    expectState(average.stateDict(), fixture.averages[name as Average], skip);
  });

  test("copies buffers that it does not average, counts included", () => {
    const model = network();
    const average = new AveragedModel(model);
    model.forward(x);
    average.updateParameters(model);
    const [own, theirs] = [average.module.stateDict(), model.stateDict()];
    for (const key of ["1.running_mean", "1.num_batches_tracked"])
      expect(numbers(own[key] as Tensor)).toEqual(numbers(theirs[key] as Tensor));
  });

  test("is a copy: training the model leaves it alone", () => {
    const model = network();
    const average = new AveragedModel(model);
    model.parameters()[0]?.detach().zero_();
    expectState(average.module.stateDict(), fixture.start);
  });

  test("takes PyTorch's state dict, and refuses one without its count", () => {
    const average = new AveragedModel(network());
    average.loadStateDict(tensors(fixture.averages.moving));
    expect(average.nAveraged).toBe(5);
    expectState(average.stateDict(), fixture.averages.moving);
    expect(() => average.loadStateDict(tensors(fixture.start))).toThrow(
      "AveragedModel: Cannot load the state dict: expected n_averaged in it",
    );
  });

  test("refuses two averaging functions and decays out of range", () => {
    const both = { avgFn: getEmaAvgFn(), multiAvgFn: getEmaMultiAvgFn() };
    expect(() => new AveragedModel(network(), both)).toThrow(
      "AveragedModel: Two averaging functions: expected avgFn, multiAvgFn or neither",
    );
    expect(() => getEmaAvgFn(2)).toThrow(
      "getEmaAvgFn: Option decay is not valid: expected a number from 0 to 1, received 2",
    );
  });
});

describe("updateBn", () => {
  const batches = [0, 3].map((start): [Tensor, string] => [x.narrow(0, start, 3), "labels"]);

  test("computes the statistics of averaged weights as PyTorch's", async () => {
    const average = trained((m) => new AveragedModel(m));
    await updateBn(batches, average);
    expectState(average.stateDict(), fixture.normalized);
    expect(average.training).toBe(true);
    const output = numbers(average.eval().forward(x));
    for (const [i, e] of fixture.output.flat().entries()) expect(output[i]).toBeCloseTo(e, 11);
  });

  test("takes asynchronous loaders and bare tensors, and leaves mode and momentum as they were", async () => {
    const model = new BatchNorm1d(4, { momentum: 0.3 }).to("float64").eval();
    async function* loader(): AsyncGenerator<Tensor> {
      for (const [input] of batches) yield input;
    }
    await updateBn(loader(), model);
    expect([model.momentum, model.training, model.numBatchesTracked]).toEqual([0.3, false, 2]);
    const broken = [tensor([1])];
    await expect(updateBn(broken, model)).rejects.toThrow();
    expect([model.momentum, model.training]).toEqual([0.3, false]);
  });

  test("does nothing for a model without running statistics", async () => {
    await expect(updateBn([tensor([1])], new Linear(1, 1))).resolves.toBeUndefined();
  });
});
