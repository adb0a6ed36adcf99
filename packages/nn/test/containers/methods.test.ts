// What containers do beside holding: adding, taking out, slices, parameters.
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { ones, setDefaultDevice, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

const [a, b, c, d] = [new nn.ReLU(), new nn.Tanh(), new nn.Sigmoid(), new nn.GELU()];
const keys = (module: nn.AnyModule): string[] => module.namedChildren().map(([key]) => key);

describe("Sequential", () => {
  test("inserts, extends, sets and pops, numbered anew", () => {
    const model = new nn.Sequential(a, b);
    model.insert(1, c).extend([d]).set(-1, a).insert(4, b);
    expect([...model]).toEqual([a, c, b, a, b]);
    expect(model.pop()).toBe(b);
    expect(model.pop(0)).toBe(a);
    expect([keys(new nn.Sequential(a, c, b)), [...model]]).toEqual([
      ["0", "1", "2"],
      [c, b, a],
    ]);
    expect(model.namedChildren().map(([key]) => key)).toEqual(["0", "1", "2"]);
  });
  test("keeps names, in slices too", () => {
    const model = new nn.Sequential({ first: a, second: b, third: c });
    model.addModule("fourth", d);
    expect(keys(model.slice(1))).toEqual(["second", "third", "fourth"]);
    expect(model.pop(1)).toBe(b);
    expect(keys(model)).toEqual(["first", "third", "fourth"]);
    model.addModule("third", b);
    expect([...model]).toEqual([a, b, d]);
  });
  test("concat() puts two one after the other", () => {
    expect([...new nn.Sequential(a).concat(new nn.Sequential(b, c))]).toEqual([a, b, c]);
  });
  test("refuses what is out of range or no module", () => {
    const model = new nn.Sequential(a);
    expect(() => model.insert(3, b)).toThrow(
      "Sequential: Index is out of range: expected an integer from -1 to 0, received 3",
    );
    expect(() => model.pop(1)).toThrow("Index is out of range");
    expect(() => model.addModule("x", 3 as never)).toThrow(
      'Sequential: Cannot hold "x": expected a module, received number',
    );
  });
});

describe("ModuleList and ModuleDict", () => {
  test("a list inserts, slices, joins and takes its next number", () => {
    const list = new nn.ModuleList([a, b]);
    list.insert(-1, c).addModule("3", d);
    expect([...list]).toEqual([a, c, b, d]);
    expect([...list.slice(1, 3)]).toEqual([c, b]);
    expect([...list.concat([a])]).toEqual([a, c, b, d, a]);
    expect([list.pop(), list.pop(0), list.length]).toEqual([d, a, 2]);
    expect([...list.extend(list)]).toEqual([c, b, c, b]);
  });
  test("a dict pops by name", () => {
    const dict = new nn.ModuleDict({ a, b });
    dict.addModule("c", c);
    expect([dict.pop("a"), [...dict.keys()]]).toEqual([a, ["b", "c"]]);
    expect(() => dict.pop("a")).toThrow('ModuleDict: No module "a": expected one of b, c');
  });
});

describe("ParameterList and ParameterDict", () => {
  test("a list makes parameters of tensors and numbers them", () => {
    const list = new nn.ParameterList([ones([2]), new nn.Parameter(zeros([1]))]);
    list.append(ones([3])).set(0, zeros([4]));
    expect(list.parameters().map((p) => [p instanceof nn.Parameter, p.shape])).toEqual([
      [true, [4]],
      [true, [1]],
      [true, [3]],
    ]);
    expect(list.slice(1).length).toBe(2);
    expect([list.pop().shape, list.at(-1).shape, list.length]).toEqual([[3], [1], 2]);
    expect([...list.extend(list)].map((p) => p.shape)).toEqual([[4], [1], [4], [1]]);
  });
  test("a dict holds parameters under names", () => {
    const dict = new nn.ParameterDict(new Map([["left", ones([2])]]));
    dict.update({ right: zeros([1]) });
    expect(Object.keys(dict.stateDict())).toEqual(["left", "right"]);
    expect([dict.size, dict.has("left"), [...dict.values()].length]).toEqual([2, true, 2]);
    expect([dict.pop("left").shape, dict.delete("left"), [...dict].length]).toEqual([
      [2],
      false,
      1,
    ]);
    dict.clear();
    expect([...dict.entries()]).toEqual([]);
  });
  test("refuse what is no tensor, names with dots and names that are absent", () => {
    expect(() => new nn.ParameterList([3 as never])).toThrow(
      'ParameterList: Cannot hold "0": expected a tensor, received number',
    );
    expect(() => new nn.ParameterDict({ "a.b": ones([1]) })).toThrow(
      'ParameterDict: Cannot hold "a.b": expected a name without dots',
    );
    expect(() => new nn.ParameterDict({ a: ones([1]) }).get("b")).toThrow(
      'ParameterDict: No parameter "b": expected one of a',
    );
  });
});
