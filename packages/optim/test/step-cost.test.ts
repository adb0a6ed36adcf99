// What a step of a small network costs apart from arithmetic: the ops it dispatches, the storages it
// makes, and what it leaves behind. Each is a number that no clock disturbs.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { Linear, MSELoss, Sequential, Tanh } from "@tead/nn";
import { SGD } from "@tead/optim";
import {
  type Backend,
  manualSeed,
  profile,
  rand,
  Storage,
  scope,
  setDefaultDevice,
} from "@tead/tensor";
import { afterAll, describe, expect, test } from "vitest";

/** The CPU, with every buffer counted that is taken and not given back. */
function counting(): { readonly device: Backend; readonly live: () => number } {
  const device = cpu();
  let live = 0;
  return {
    device: {
      ...device,
      allocate(dtype, count) {
        live++;
        return device.allocate(dtype, count);
      },
      free(buffer) {
        live--;
        device.free(buffer);
      },
    },
    live: () => live,
  };
}

function xor(device: Backend): () => void {
  setDefaultDevice(device);
  manualSeed(0);
  const model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 1));
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const [x, y, criterion] = [rand([4, 2]), rand([4, 1]), new MSELoss()];
  return () => {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
  };
}

afterAll(() => setDefaultDevice(undefined));

describe("a step of a 2-16-1 network", () => {
  test("dispatches at most 15 ops: 4 forward, 10 backward, one update of all parameters", () => {
    const step = xor(cpu());
    step();
    expect(profile(step).events.length).toBeLessThanOrEqual(15);
  });

  test("makes at most 12 storages: one for each result", () => {
    const step = xor(cpu());
    step();
    const before = Storage.made;
    step();
    // 4 forward, the seed, the loss's gradient, tanh's two, and a gradient for each parameter.
    expect(Storage.made - before).toBeLessThanOrEqual(12);
  });

  test("gives back inside backward what user code never held, without a scope", () => {
    const { device, live } = counting();
    const step = xor(device);
    step();
    const before = live();
    step();
    // The forward pass's 4 results and the last step's 4 gradients are the collector's.
    expect(live() - before).toBe(8);
  });

  test("gives everything back at the end of a scope", () => {
    const { device, live } = counting();
    const step = xor(device);
    scope(step);
    const before = live();
    for (let i = 0; i < 5; i++) scope(step);
    expect(live()).toBe(before);
  });
});
