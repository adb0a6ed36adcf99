// Copies of modules, modules without values, and hooks around their state.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { manualSeed, meta, ones, rand, setDefaultDevice, Tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { constructorArguments } from "../parity/bind.ts";
import { type Case, decode } from "../parity/manifest.ts";

setDefaultDevice(cpu());

const cases = ["layers", "recurrent", "attention"].flatMap(
  (name): readonly Case[] =>
    JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8")).cases,
);
const inline = (): never => {
  throw new Error("expected a tensor inline");
};
const exported = new Map<string, unknown>(Object.entries(nn));
const built = (c: Case): nn.AnyModule => {
  const Class = exported.get(c.class as string) as new (...args: unknown[]) => nn.AnyModule;
  return new Class(...constructorArguments(c, (v) => decode(v, inline))).to("float64");
};
const tensorsOf = (result: unknown): Tensor[] =>
  result instanceof Tensor ? [result] : Object.values((result ?? {}) as object).flatMap(tensorsOf);
const run = (module: nn.AnyModule, c: Case): unknown => {
  manualSeed(1);
  const inputs = c.inputs.map((v) => decode(v, inline)) as never;
  return tensorsOf((module.forward as (...args: never) => unknown)(...inputs)).map((t) =>
    t.tolistSync(),
  );
};

class Tied extends nn.Module {
  readonly inner = new nn.Linear(2, 2);
  readonly same = this.inner;
  readonly extra = { list: [new nn.Parameter(ones([2]))] as const, by: new Map([["a", 1]]) };
  readonly scratch = nn.buffer(zeros([1]), { persistent: false });
  override forward(x: Tensor): Tensor {
    return this.same.forward(this.inner.forward(x));
  }
}

describe("deepCopy()", () => {
  test.each(cases)("of $name computes the same", (c) => {
    const module = built(c);
    const copy = module.deepCopy();
    expect(String(copy)).toBe(String(module));
    expect(run(copy, c)).toEqual(run(module, c));
  });

  test("owns its parameters and keeps what is shared shared", () => {
    const module = new Tied();
    const copy = module.deepCopy();
    expect(copy.inner).toBe(copy.same);
    expect(copy.inner).not.toBe(module.inner);
    expect(Object.keys(copy.stateDict())).toEqual(Object.keys(module.stateDict()));
    copy.inner.weight.detach().fill_(7);
    expect(module.inner.weight.tolistSync()).not.toEqual(copy.inner.weight.tolistSync());
    expect(copy.extra.list[0]).not.toBe(module.extra.list[0]);
    expect(copy.extra.by).toEqual(module.extra.by);
    expect(copy.scratch.persistent).toBe(false);
  });

  test("keeps gradients, modes and frozen parameters", () => {
    const module = new nn.Linear(2, 1).eval();
    module
      .forward(ones([1, 2]))
      .sum()
      .backward();
    module.bias?.requiresGrad_(false);
    const copy = module.deepCopy();
    expect([copy.training, copy.bias?.requiresGrad]).toEqual([false, false]);
    expect(copy.weight.grad?.tolistSync()).toEqual([[1, 1]]);
    copy.zeroGrad();
    expect(module.weight.grad).toBeDefined();
  });

  test("takes hooks along", () => {
    const module = new nn.Identity();
    module.registerForwardHook((_, __, y) => y.add(1));
    const copy = module.deepCopy();
    expect(copy.forward(zeros([1])).tolistSync()).toEqual([1]);
    copy.registerForwardPreHook((_, [x]) => [x.add(10)]);
    expect(module.forward(zeros([1])).tolistSync()).toEqual([1]);
    expect(copy.forward(zeros([1])).tolistSync()).toEqual([11]);
  });

  test("refuses classes with #private members", () => {
    class Secret extends nn.Module {
      readonly #factor = 2;
      override forward(x: Tensor): Tensor {
        return x.mul(this.#factor);
      }
    }
    expect(() => new nn.Sequential(new Secret()).deepCopy()).toThrow(
      "Secret: Cannot copy the module: expected no #private members, received #factor\n" +
        "Hint: write `private` in place of `#`, or override deepCopy()",
    );
  });
});

describe("on the meta device", () => {
  test("every layer is constructed without a draw, and toEmpty() gives it memory", () => {
    manualSeed(5);
    const expected = rand([1]).itemSync();
    manualSeed(5);
    for (const c of cases) {
      const read = (v: unknown): unknown => decode(v, inline);
      const Class = exported.get(c.class as string) as new (...args: unknown[]) => nn.AnyModule;
      setDefaultDevice(meta());
      let module: nn.AnyModule;
      try {
        module = new Class(...constructorArguments(c, read));
      } finally {
        setDefaultDevice(cpu());
      }
      const own = module.parameters();
      expect(own.every((p) => p.device === meta())).toBe(true);
      const shapes = own.map((p) => p.shape);
      module.toEmpty(cpu());
      expect(module.parameters().map((p) => [p.device.name, p.shape])).toEqual(
        shapes.map((shape) => ["cpu", shape]),
      );
      expect(module.parameters().every((p, i) => p === own[i])).toBe(true);
    }
    expect(rand([1]).itemSync()).toBe(expected);
  });
});

describe("state-dict hooks", () => {
  test("see prefixes, change what is saved, and bring old entries up to date", () => {
    const net = new nn.Sequential({ head: new nn.Linear(2, 1) });
    const head = net.at(0);
    const seen: string[] = [];
    head.registerStateDictPreHook((_, prefix) => seen.push(`saving ${prefix}`));
    const post = head.registerStateDictPostHook((_, state, prefix) => {
      state[`${prefix}version`] = ones([]);
    });
    const state = net.stateDict();
    expect(Object.keys(state)).toEqual(["head.weight", "head.bias", "head.version"]);
    post.remove();
    head.registerLoadStateDictPreHook((_, given, prefix) => {
      delete given[`${prefix}version`];
      given[`${prefix}weight`] = (given[`${prefix}weight`] as Tensor).mul(2);
    });
    head.registerLoadStateDictPostHook((module, { missingKeys }) => {
      seen.push(`loaded ${module.constructor.name} ${missingKeys.length}`);
    });
    const other = net.deepCopy();
    const wanted = (state["head.weight"] as Tensor).mul(2).tolistSync();
    other.loadStateDict(state);
    expect(other.stateDict()["head.weight"]?.tolistSync()).toEqual(wanted);
    expect(Object.keys(state)).toContain("head.version");
    expect(seen).toEqual(["saving head.", "loaded Linear 0", "saving head."]);
  });

  test("backward pre-hooks replace the gradient of the output", () => {
    const layer = new nn.Linear(2, 1, { bias: false });
    const hook = layer.registerFullBackwardPreHook((_, [g]) => [g?.mul(3)]);
    layer
      .forward(ones([1, 2]))
      .sum()
      .backward();
    hook.remove();
    layer
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(layer.weight.grad?.tolistSync()).toEqual([[4, 4]]);
  });

  test("addModule() adds a child or replaces one", () => {
    const module = new nn.Module();
    module.addModule("act", new nn.ReLU());
    module.addModule("act", new nn.Tanh());
    expect(String(module)).toBe("Module(\n  (act): Tanh()\n)");
    expect(() => module.addModule("training", new nn.ReLU())).toThrow("one that the module has");
  });
});
