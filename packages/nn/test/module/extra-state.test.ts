// State beside tensors in state dicts; replacing submodules; conversions by name.
import { cpu } from "@tead/backend-cpu";
import { Linear, Module, ModuleDict, ReLU, Sequential, Tanh } from "@tead/nn";
import { setDefaultDevice, type Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

class Counting extends Module {
  readonly layer = new Linear(1, 1);
  calls = 0;
  override forward(x: Tensor): Tensor {
    this.calls++;
    return this.layer.forward(x);
  }
  override getExtraState(): unknown {
    return { calls: this.calls };
  }
  override setExtraState(state: unknown): void {
    this.calls = (state as { calls: number }).calls;
  }
}

describe("extra state", () => {
  test("stands in the state dict after the module's own tensors, as PyTorch's, and comes back", () => {
    const model = new Sequential(new Counting());
    (model.at(0) as Counting).calls = 3;
    const state = model.stateDict();
    expect(Object.keys(state)).toEqual(["0._extra_state", "0.layer.weight", "0.layer.bias"]);
    expect(state["0._extra_state"]).toEqual({ calls: 3 });
    const other = new Sequential(new Counting());
    other.loadStateDict(state);
    expect((other.at(0) as Counting).calls).toBe(3);
  });

  test("is missed where it is not there, and unexpected where nobody takes it", () => {
    const { _extra_state: extra, ...rest } = new Counting().stateDict();
    const model = new Counting();
    model.calls = 5;
    expect(() => model.loadStateDict(rest)).toThrow(
      "Counting: Cannot load the state dict: expected the module's own keys and shapes, " +
        "received 1 missing, 0 unexpected, 0 mis-shaped\n  missing     _extra_state\n",
    );
    expect(model.loadStateDict(rest, { strict: false }).missingKeys).toEqual(["_extra_state"]);
    expect(model.calls).toBe(5);
    const plain = new Linear(1, 1);
    const given = { ...plain.stateDict(), _extra_state: extra as Tensor };
    expect(plain.loadStateDict(given, { strict: false }).unexpectedKeys).toEqual(["_extra_state"]);
    expect(() => plain.loadStateDict(given)).toThrow("  unexpected  _extra_state\n");
  });
});

describe("setSubmodule()", () => {
  test("puts a module in fields and containers, or adds it", () => {
    class Net extends Module {
      readonly body = new Sequential(new Linear(1, 1), new ReLU());
      readonly byName = new ModuleDict({ head: new ReLU() });
      readonly tail = new ReLU();
    }
    const net = new Net();
    const put = new Tanh();
    for (const path of ["body.1", "by_name.head", "tail", "extra"]) net.setSubmodule(path, put);
    for (const path of ["body.1", "by_name.head", "tail", "extra"])
      expect(net.getSubmodule(path)).toBe(put);
    expect(net.tail).toBe(put);
    expect(() => net.setSubmodule("", put)).toThrow(
      'Net: Cannot put a module in its own place: path is ""',
    );
    expect(() => net.setSubmodule("body.x.y", put)).toThrow('Sequential has no child "x"');
  });
});

test("modules convert by the names of dtypes", () => {
  const layer = new Linear(1, 1);
  expect(layer.double().weight.dtype).toBe("float64");
  expect(layer.half().weight.dtype).toBe("float16");
  expect(layer.bfloat16().weight.dtype).toBe("bfloat16");
  expect(layer.float().weight.dtype).toBe("float32");
});
