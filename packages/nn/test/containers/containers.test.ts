// Sequential, ModuleList, ModuleDict.
import { cpu } from "@tead/backend-cpu";
import { type Layer, Linear, Module, ModuleDict, ModuleList, Sequential } from "@tead/nn";
import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

class Plus extends Module {
  readonly amount: number;
  constructor(amount: number) {
    super();
    this.amount = amount;
  }
  override forward(x: Tensor): Tensor {
    return x.add(this.amount);
  }
}
const keysOf = (module: Module<never, unknown>): string[] =>
  module.namedChildren({ removeDuplicate: false }).map(([key]) => key);

describe("Sequential", () => {
  test("calls its layers in order, and an empty one gives its input", () => {
    const model = new Sequential(new Plus(1), new Plus(2)).append(new Plus(4));
    expect(model.forward(ones([])).itemSync()).toBe(8);
    expect([model.length, keysOf(model)]).toEqual([3, ["0", "1", "2"]]);
    expect((model.at(-1) as Plus).amount).toBe(4);
    expect([...model.slice(1)].map((m) => (m as Plus).amount)).toEqual([2, 4]);
    expect(new Sequential().forward(ones([])).itemSync()).toBe(1);
  });

  test("takes names as they stand, and one layer may stand in two places", () => {
    const plus = new Plus(1);
    const model = new Sequential({ denseBlock1: plus, norm5: plus });
    expect(keysOf(model)).toEqual(["denseBlock1", "norm5"]);
    expect(model.forward(ones([])).itemSync()).toBe(3);
  });

  test("refuses what is no module, names with dots and indices out of range", () => {
    expect(() => new Sequential(new Plus(1), undefined as unknown as Layer)).toThrow(
      'Sequential: Cannot hold "1": expected a module, received undefined',
    );
    expect(() => new Sequential({ "a.b": new Plus(1) })).toThrow(
      'Sequential: Cannot hold "a.b": expected a name without dots',
    );
    expect(() => new Sequential(new Plus(1)).at(1)).toThrow(
      "Sequential: Index is out of range: expected an integer from -1 to 0, received 1",
    );
  });
});

describe("ModuleList", () => {
  test("keeps its order through append, insert, set, pop and extend", () => {
    const list = new ModuleList([new Plus(1), new Plus(2)]);
    list
      .append(new Plus(3))
      .insert(1, new Plus(9))
      .set(0, new Plus(0))
      .extend([new Plus(4)]);
    expect(list.pop(-2).amount).toBe(3);
    expect([...list].map((m) => m.amount)).toEqual([0, 9, 2, 4]);
    expect(list.at(-1).amount).toBe(4);
    expect(keysOf(list)).toEqual(["0", "1", "2", "3"]);
    expect(() => list.at(4)).toThrow("ModuleList: Index is out of range");
  });

  test("has no forward", () => {
    expect(() => (new ModuleList() as unknown as Layer).forward(ones([]))).toThrow(
      "ModuleList: No forward: expected the class to define one",
    );
  });

  test("keeps number order beyond nine members", () => {
    const list = new ModuleList(
      Array.from({ length: 12 }, () => new Linear(1, 1, { bias: false })),
    );
    expect(Object.keys(list.stateDict()).at(-1)).toBe("11.weight");
  });
});

describe("ModuleDict", () => {
  test("keeps the order in which names were added, also for names that are numbers", () => {
    const dict = new ModuleDict(
      new Map([
        ["b", new Plus(1)],
        ["10", new Plus(2)],
      ]),
    );
    dict
      .set("2", new Plus(3))
      .update({ a: new Plus(4) })
      .set("b", new Plus(5));
    expect([...dict.keys()]).toEqual(["b", "10", "2", "a"]);
    expect(keysOf(dict)).toEqual(["b", "10", "2", "a"]);
    expect([...dict.values()].map((m) => m.amount)).toEqual([5, 2, 3, 4]);
    expect([dict.has("a"), dict.delete("a"), dict.has("a"), dict.size]).toEqual([
      true,
      true,
      false,
      3,
    ]);
    expect([...dict].map(([key, m]) => [key, m.amount])).toEqual([
      ["b", 5],
      ["10", 2],
      ["2", 3],
    ]);
    expect(() => dict.get("zz")).toThrow('ModuleDict: No module "zz": expected one of b, 10, 2');
    dict.clear();
    expect([...dict.entries()]).toEqual([]);
  });
});
