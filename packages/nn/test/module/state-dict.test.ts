// State dicts: keys, sharing, and what loading refuses.
import { cpu } from "@tead/backend-cpu";
import { buffer, Linear, Module, Sequential, stateKey } from "@tead/nn";
import { full, ones, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

class Counting extends Module {
  static override readonly counters: readonly string[] = ["batchesSeen"];
  batchesSeen = 3;
  readonly mean = buffer(ones([2]));
}

describe("stateKey()", () => {
  test.each([
    ["weight", "weight"],
    ["runningMean", "running_mean"],
    ["numBatchesTracked", "num_batches_tracked"],
    ["inProjWeight", "in_proj_weight"],
    ["weightIhL0", "weight_ih_l0"],
    ["layer1", "layer1"],
    ["bn1", "bn1"],
    ["branch3x3dbl_1", "branch3x3dbl_1"],
    ["parseHTMLFile", "parse_html_file"],
  ])("%s gives %s", (field, key) => {
    expect(stateKey(field)).toBe(key);
  });
});

describe("stateDict()", () => {
  test("shares its storages with the module, and asks for no gradient unless keepVars", () => {
    const layer = new Linear(2, 1);
    const state = layer.stateDict();
    expect(state.weight?.requiresGrad).toBe(false);
    state.bias?.fill_(7);
    expect(layer.bias?.tolistSync()).toEqual([7]);
    expect(layer.stateDict({ keepVars: true, prefix: "net" })["net.weight"]).toBe(layer.weight);
  });

  test("holds counters as 0-d int64, and takes them back", () => {
    const state = new Counting().stateDict();
    expect(Object.keys(state)).toEqual(["mean", "batches_seen"]);
    expect([state.batches_seen?.dtype, state.batches_seen?.shape]).toEqual(["int64", []]);
    const other = new Counting();
    other.batchesSeen = 0;
    other.loadStateDict(state);
    expect(other.batchesSeen).toBe(3);
    state.batches_seen?.fill_(9);
    other.loadStateDict(state);
    expect(other.batchesSeen).toBe(9);
  });
});

describe("loadStateDict()", () => {
  test("copies the values into the same parameters, converting the dtype", () => {
    const layer = new Linear(2, 1);
    const { weight } = layer;
    const result = layer.loadStateDict({
      weight: tensor([[1, 2]], { dtype: "float64" }),
      bias: zeros([1]),
    });
    expect(result).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(layer.weight).toBe(weight);
    expect(weight.dtype).toBe("float32");
    expect(weight.tolistSync()).toEqual([[1, 2]]);
  });

  test("names every missing, unexpected and mis-shaped key at once, and writes nothing", () => {
    const net = new Sequential(new Linear(2, 1), new Linear(1, 1));
    const before = net.stateDict()["1.bias"]?.tolistSync();
    const state = {
      "0.weight": zeros([1, 3]),
      "1.weight": zeros([1, 1]),
      "1.bias": full([1], 5),
      "2.weight": zeros([4]),
    };
    expect(() => net.loadStateDict(state)).toThrow(
      "Sequential: Cannot load the state dict: expected the module's own keys and shapes, " +
        "received 1 missing, 1 unexpected, 1 mis-shaped\n" +
        "  missing     0.bias  [1]\n" +
        "  unexpected  2.weight  [4]\n" +
        "  mis-shaped  0.weight  expected [1, 2], received [1, 3]\n" +
        "Hint: pass { strict: false } to leave missing and unexpected keys alone",
    );
    expect(net.stateDict()["1.bias"]?.tolistSync()).toEqual(before);
  });

  test("with strict: false loads what fits and names the rest, but still refuses other shapes", () => {
    const layer = new Linear(2, 1);
    const result = layer.loadStateDict({ bias: full([1], 4), extra: zeros([]) }, { strict: false });
    expect(result).toEqual({ missingKeys: ["weight"], unexpectedKeys: ["extra"] });
    expect(layer.bias?.tolistSync()).toEqual([4]);
    expect(() => layer.loadStateDict({ bias: zeros([2]) }, { strict: false })).toThrow(
      "mis-shaped  bias  expected [1], received [2]",
    );
  });

  test("a checkpoint from before counters begins them at 0", () => {
    const module = new Counting();
    module.loadStateDict({ mean: zeros([2]) });
    expect(module.batchesSeen).toBe(0);
  });
});
