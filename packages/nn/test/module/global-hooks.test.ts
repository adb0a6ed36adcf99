// Hooks of all modules: PyTorch's order, together with a module's own.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import {
  type AnyModule,
  Linear,
  Module,
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
  Sequential,
  Tanh,
} from "@tead/nn";
import { ones, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { afterEach, describe, expect, test } from "vitest";

setDefaultDevice(cpu());

type Event = string | readonly [event: string, ...grads: (readonly (number[] | null)[])[]];
const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/hooks.json", import.meta.url), "utf8"),
) as { readonly passed: readonly Event[]; readonly failed: readonly Event[] };

class Failing extends Module {
  override forward(): Tensor {
    throw new Error("no");
  }
}

const handles: { remove(): void }[] = [];
afterEach(() => {
  for (const handle of handles.splice(0)) handle.remove();
});

function noted(model: Sequential): Event[] {
  const log: Event[] = [];
  const note = (event: string) => (module: AnyModule) => {
    log.push(`${event} ${module.constructor.name}`);
    return undefined;
  };
  const values = (grads: readonly (Tensor | undefined)[]): (number[] | null)[] =>
    grads.map((grad) => (grad === undefined ? null : Array.from(grad.dataSync(), Number)));
  const first = model.at(0);
  handles.push(
    first.registerForwardPreHook(note("own pre")),
    first.registerForwardPreHook(note("own first pre"), { prepend: true }),
    first.registerForwardHook(note("own post")),
    first.registerForwardHook(note("own first post"), { prepend: true }),
    registerModuleForwardPreHook(note("pre")),
    registerModuleForwardHook(note("post")),
    registerModuleForwardHook(note("always"), { alwaysCall: true }),
    registerModuleFullBackwardPreHook((module, grads) => {
      log.push([`backward pre ${module.constructor.name}`, values(grads)]);
      return undefined;
    }),
    registerModuleFullBackwardHook((module, inputs, outputs) => {
      log.push([`backward ${module.constructor.name}`, values(inputs), values(outputs)]);
      return undefined;
    }),
  );
  return log;
}

function network(): Sequential {
  const linear = new Linear(2, 2);
  linear.weight.detach().copy_(tensor([[0.5, -1], [0.25, 2]])); // biome-ignore format: rows
  linear.bias?.detach().fill_(0.5);
  return new Sequential(linear, new Tanh());
}
const rounded = (value: unknown): unknown => {
  if (typeof value === "number") return Math.round(value * 1e6) / 1e6;
  return Array.isArray(value) ? value.map(rounded) : value;
};

describe("hooks of all modules", () => {
  test("run in PyTorch's order, forward and backward, with PyTorch's gradients", () => {
    const model = network();
    const log = noted(model);
    const x = tensor([[1, 2]], { dtype: "float32", requiresGrad: true });
    model.forward(x).sum().backward();
    expect(rounded(log)).toEqual(rounded(fixture.passed));
  });

  test("run where forward throws, if they are always called", () => {
    const log = noted(network());
    const failing = new Failing();
    failing.registerForwardHook(
      (module) => {
        log.push(`own always ${module.constructor.name}`);
        return undefined as never;
      },
      { alwaysCall: true },
    );
    expect(() => failing.forward()).toThrow("no");
    expect(log).toEqual(fixture.failed);
  });

  test("leave no trace when they are taken off", () => {
    const { forward } = Linear.prototype;
    const model = network();
    const log = noted(model);
    expect(Linear.prototype.forward).not.toBe(forward);
    for (const handle of handles.splice(0)) handle.remove();
    expect(Linear.prototype.forward).toBe(forward);
    model.forward(ones([1, 2]));
    expect(log).toEqual([]);
  });

  test("see classes made later, each call once, and may change what goes in and out", () => {
    const calls: string[] = [];
    handles.push(
      registerModuleForwardPreHook((module, [x]) => {
        calls.push(module.constructor.name);
        return module instanceof Linear ? [(x as Tensor).mul(2)] : undefined;
      }),
      registerModuleForwardHook((module, _, y) =>
        module instanceof Linear ? (y as Tensor).add(1) : undefined,
      ),
    );
    class Twice extends Linear {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2);
      }
    }
    const layer = new Twice(1, 1, { bias: false });
    layer.weight.detach().fill_(3);
    expect(layer.forward(ones([1, 1])).itemSync()).toBe(13); // 2 * (3 * 2) + 1
    expect(
      layer
        .deepCopy()
        .forward(ones([1, 1]))
        .itemSync(),
    ).toBe(13);
    expect(calls).toEqual(["Twice", "Twice"]);
  });
});
