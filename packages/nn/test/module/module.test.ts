// What a module finds in its fields, and what it does with all that it owns.
import { cpu } from "@tead/backend-cpu";
import {
  type AnyModule,
  buffer,
  Linear,
  Module,
  ModuleList,
  Parameter,
  Sequential,
} from "@tead/nn";
import { ones, setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

class Block extends Module {
  readonly second = new Linear(2, 2);
  readonly scale = new Parameter(ones([2]));
  readonly runningMean = buffer(zeros([2]));
  readonly scratch = buffer(zeros([1]), { persistent: false });
  readonly first = new Linear(2, 2, { bias: false });
  override forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x)).mul(this.scale);
  }
}
class Net extends Module {
  readonly blocks = new ModuleList([new Block(), new Block()]);
  readonly head = new Linear(2, 3);
  override forward(x: Tensor): Tensor {
    let y = x;
    for (const block of this.blocks) y = block.forward(y);
    return this.head.forward(y);
  }
}

describe("members", () => {
  test("namedParameters() lists fields in order of definition, a module's own before its children's", () => {
    expect(new Net().namedParameters().map(([key]) => key)).toEqual([
      "blocks.0.scale",
      "blocks.0.second.weight",
      "blocks.0.second.bias",
      "blocks.0.first.weight",
      "blocks.1.scale",
      "blocks.1.second.weight",
      "blocks.1.second.bias",
      "blocks.1.first.weight",
      "head.weight",
      "head.bias",
    ]);
  });

  test("recurse: false stays with the module's own, prefix goes before every key", () => {
    const block = new Block();
    const own = block.namedParameters({ recurse: false, prefix: "net.0" });
    expect(own).toEqual([["net.0.scale", block.scale]]);
    expect(block.namedBuffers().map(([key]) => key)).toEqual(["running_mean", "scratch"]);
  });

  test("a shared parameter or module is listed once, under its first key", () => {
    class Tied extends Module {
      readonly encoder = new Linear(2, 2);
      readonly decoder = new Linear(2, 2, { bias: false });
      readonly again = this.encoder;
      constructor() {
        super();
        this.decoder.weight = this.encoder.weight;
      }
    }
    const tied = new Tied();
    expect(tied.namedParameters().map(([key]) => key)).toEqual(["encoder.weight", "encoder.bias"]);
    expect(tied.children()).toEqual([tied.encoder, tied.decoder]);
    expect(tied.modules()).toHaveLength(3);
    expect(Object.keys(tied.stateDict())).toEqual([
      "encoder.weight",
      "encoder.bias",
      "decoder.weight",
      "again.weight",
      "again.bias",
    ]);
  });

  test("namedModules() lists parents before children", () => {
    const paths = new Net().namedModules().map(([path]) => path);
    expect(paths.slice(0, 5)).toEqual([
      "",
      "blocks",
      "blocks.0",
      "blocks.0.second",
      "blocks.0.first",
    ]);
  });

  test("a field that begins with # and a plain tensor are not seen", () => {
    class Hidden extends Module {
      readonly #secret = new Linear(1, 1);
      readonly plain = ones([1]);
      override forward(x: Tensor): Tensor {
        return this.#secret.forward(x);
      }
    }
    expect(Object.keys(new Hidden().stateDict())).toEqual([]);
  });

  test("two fields on one key throw", () => {
    class Twice extends Module {
      readonly fooBar = new Parameter(ones([1]));
      readonly foo_bar = new Parameter(ones([1]));
    }
    expect(() => new Twice().parameters()).toThrow(
      'Twice: Two fields have one state-dict key: expected distinct keys, received "foo_bar" for fooBar and foo_bar\n' +
        "Hint: name one of them in static stateKeys",
    );
  });

  test("static stateKeys names what no rule gives, also for subclasses", () => {
    class Inception extends Module {
      static override readonly stateKeys: Readonly<Record<string, string>> = {
        mixed5b: "Mixed_5b",
      };
      readonly mixed5b = new Parameter(ones([1]));
      readonly branch1x1 = new Parameter(ones([1]));
    }
    class Sub extends Inception {
      static override readonly stateKeys: Readonly<Record<string, string>> = {
        auxLogits: "AuxLogits",
      };
      readonly auxLogits = new Parameter(ones([1]));
    }
    expect(Object.keys(new Sub().stateDict())).toEqual(["Mixed_5b", "branch1x1", "AuxLogits"]);
  });

  test("getSubmodule(), getParameter() and getBuffer() follow keys", () => {
    const net = new Net();
    expect(net.getSubmodule("blocks.1.first")).toBe(net.blocks.at(1).first);
    expect(net.getSubmodule("")).toBe(net);
    expect(net.getParameter("head.bias")).toBe(net.head.bias);
    expect(net.getBuffer("blocks.0.running_mean")).toBe(net.blocks.at(0).runningMean);
    expect(() => net.getSubmodule("blocks.2.first")).toThrow(
      'Net: No submodule "blocks.2.first": ModuleList has no child "2"',
    );
    expect(() => net.getParameter("head.foo")).toThrow(
      'Net: No parameter "head.foo": expected one of its keys',
    );
  });

  test("registered members behave as fields, under new names only", () => {
    const module = new Module();
    module.registerParameter("gainFactor", new Parameter(ones([1])));
    module.registerBuffer("seen", zeros([]), { persistent: false });
    module.registerModule("child", new Linear(1, 1));
    module.registerParameter("absent", undefined);
    expect(Object.keys(module.stateDict())).toEqual(["gain_factor", "child.weight", "child.bias"]);
    const register = (name: string) => () => module.registerBuffer(name, zeros([]));
    expect(register("a.b")).toThrow("expected a new name without dots, received one with a dot");
    expect(register("")).toThrow("received an empty name");
    expect(register("seen")).toThrow('Module: Cannot register "seen"');
    expect(register("7")).toThrow("Hint: use ModuleList or ModuleDict for numbered members");
  });
});

describe("Module", () => {
  test("train() and eval() reach every module", () => {
    const net = new Net().eval();
    expect(net.modules().every((m) => !m.training)).toBe(true);
    net.blocks.at(0).train();
    expect(net.modules().filter((m) => m.training)).toHaveLength(3);
    expect(
      net
        .train()
        .modules()
        .every((m) => m.training),
    ).toBe(true);
  });

  test("apply() visits children first", () => {
    const names: string[] = [];
    new Sequential(new Linear(1, 1), new Sequential(new Linear(1, 1))).apply((m: AnyModule) => {
      names.push(m.constructor.name);
    });
    expect(names).toEqual(["Linear", "Linear", "Sequential", "Sequential"]);
  });

  test("to(dtype) converts float parameters and buffers in place of their tensors", () => {
    class WithCount extends Block {
      readonly count = buffer(zeros([], { dtype: "int32" }));
    }
    const net = new WithCount();
    const { scale, runningMean, count } = net;
    expect(net.to("float64")).toBe(net);
    expect(net.scale).toBe(scale);
    expect([scale.dtype, runningMean.dtype, count.dtype]).toEqual(["float64", "float64", "int32"]);
    expect(net.forward(ones([1, 2], { dtype: "float64" })).dtype).toBe("float64");
    expect(() => net.to("int32")).toThrow(
      "to: Cannot convert a module: expected a float dtype, received int32",
    );
  });

  test("a module without forward says so", () => {
    expect(() => new Module().forward(ones([1]))).toThrow(
      "Module: No forward: expected the class to define one\nHint: write forward(x) in your class",
    );
  });

  test("parameters need no autograd for inference, buffers ask for no gradient", () => {
    const block = new Block();
    expect(block.scale.requiresGrad).toBe(true);
    expect(block.runningMean.requiresGrad).toBe(false);
    block.requiresGrad_(false);
    expect(block.parameters().some((p) => p.requiresGrad)).toBe(false);
    expect(block.scale.storage.kept && block.runningMean.storage.kept).toBe(true);
  });

  test("a parameter is floating-point unless it asks for no gradient", () => {
    const indices = zeros([2], { dtype: "int32" });
    expect(() => new Parameter(indices)).toThrow(
      "Parameter: Cannot require a gradient: expected a float dtype, received int32",
    );
    expect(new Parameter(indices, { requiresGrad: false }).dtype).toBe("int32");
  });
});
