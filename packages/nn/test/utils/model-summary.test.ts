// The table of a model's layers: PyTorch's shapes and counts, without computing anything.
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const { functional: F, utils } = nn;

const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/summary.json", import.meta.url), "utf8"),
) as {
  rows: [name: string, input: number[], output: number[], params: number, cost: number][];
  params: number;
  outputBytes: number;
};

class Net extends nn.Module {
  readonly conv1 = new nn.Conv2d(1, 10, 5);
  readonly conv2 = new nn.Conv2d(10, 20, 5);
  readonly up = new nn.ConvTranspose2d(20, 2, 3, { stride: 2, bias: false });
  readonly norm = new nn.BatchNorm2d(2);
  readonly drop = new nn.Dropout2d(0.3);
  readonly fc1 = new nn.Linear(162, 50);
  readonly fc2 = new nn.Linear(50, 10);
  override forward(input: Tensor): Tensor {
    let x = F.relu(F.maxPool2d(this.conv1.forward(input), 2));
    x = F.relu(F.maxPool2d(this.drop.forward(this.conv2.forward(x)), 2));
    x = this.norm.forward(this.up.forward(x));
    return this.fc2.forward(this.fc1.forward(x.flatten(1)));
  }
}

describe("modelSummary()", () => {
  test("has PyTorch's shapes and counts for every layer", () => {
    const summary = utils.modelSummary(new Net(), { inputSize: [7, 1, 28, 28] });
    const [model, ...rows] = summary.layers;
    expect([model?.name, model?.inputShape, model?.outputShape]).toEqual([
      "Net",
      [7, 1, 28, 28],
      [7, 10],
    ]);
    expect(
      rows.map((r) => [r.name, r.inputShape, r.outputShape, r.parameters, r.multiplyAdds]),
    ).toEqual(fixture.rows);
    expect(summary).toMatchObject({
      totalParameters: fixture.params,
      totalMultiplyAdds: fixture.rows.reduce((sum, row) => sum + row[4], 0),
      inputBytes: 7 * 28 * 28 * 4,
      forwardBackwardBytes: 2 * fixture.outputBytes,
      parameterBytes: 4 * fixture.params,
    });
  });

  test("leaves the model as it is, and takes no time for large ones", () => {
    const model = new Net();
    model.conv1.weight.requiresGrad_(false);
    const before = model.norm.runningMean?.tolistSync();
    const summary = utils.modelSummary(model, { inputSize: [100_000, 1, 28, 28] });
    expect(summary.totalParameters - summary.trainableParameters).toBe(250);
    expect([model.norm.runningMean?.tolistSync(), model.norm.numBatchesTracked]).toEqual([
      before,
      0,
    ]);
    expect(model.conv1.weight.device).toBe(cpu());
    expect(Object.hasOwn(model.conv1, "forward")).toBe(false);
  });

  test("prints a table like torchinfo's", () => {
    const block = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU());
    block.at(0).requiresGrad_(false);
    const model = new nn.Sequential(block, new nn.Linear(3, 3));
    model.append(model.at(1));
    const summary = utils.modelSummary(model, { inputSize: [2, 4] });
    const rule = "=".repeat(115);
    expect(String(summary).split("\n")).toEqual([
      rule,
      "Layer (type:depth-idx)                   Output Shape              Param #                   Mult-Adds",
      rule,
      "Sequential                               [2, 3]                    --                        --",
      "├─Sequential: 1-1                        [2, 3]                    --                        --",
      "│    └─Linear: 2-1                       [2, 3]                    (15)                      30",
      "│    └─ReLU: 2-2                         [2, 3]                    --                        --",
      "├─Linear: 1-2                            [2, 3]                    12                        24",
      "├─Linear: 1-3                            [2, 3]                    (recursive)               24",
      rule,
      "Total params: 27",
      "Trainable params: 12",
      "Non-trainable params: 15",
      "Total mult-adds: 78",
      rule,
      "Input size (MB): 0.00",
      "Forward/backward pass size (MB): 0.00",
      "Params size (MB): 0.00",
      "Estimated Total Size (MB): 0.00",
      rule,
    ]);
    expect(inspect(summary)).toBe(String(summary));
    const shallow = utils.modelSummary(model, {
      inputs: [ones([2, 4])],
      depth: 1,
      columns: ["inputShape", "params", "multiplyAdds"],
    });
    expect(String(shallow).split("\n").slice(3, 6)).toEqual([
      "Sequential                               [2, 4]                    --                        --",
      "├─Sequential: 1-1                        [2, 4]                    (15)                      30",
      "├─Linear: 1-2                            [2, 3]                    12                        24",
    ]);
  });

  test("shows lists above what they hold, lazy layers, and layers of several inputs", () => {
    class Two extends nn.Module<[a: Tensor, b: Tensor]> {
      readonly layers = new nn.ModuleList<nn.Layer>([new nn.LazyLinear(2), new nn.Embedding(5, 3)]);
      override forward(a: Tensor, b: Tensor): Tensor {
        return this.layers.at(0).forward(a).add(this.layers.at(1).forward(b).sum(-1));
      }
    }
    const options = { inputSize: [[2, 7], [1]], dtypes: ["float32", "int32"] } as const;
    const { layers } = utils.modelSummary(new Two(), options);
    expect(layers.map((l) => [l.path, l.name, l.depth, l.parameters, l.multiplyAdds])).toEqual([
      ["", "Two", 0, 15, 0],
      ["layers", "ModuleList", 1, 15, 0],
      ["layers.0", "Linear", 2, 16, 32],
      ["layers.1", "Embedding", 2, 15, 0],
    ]);
  });

  test("asks for sizes or inputs", () => {
    expect(() => utils.modelSummary(new nn.ReLU(), {})).toThrow(
      "modelSummary: Option inputSize is not valid: expected either inputSize or inputs, received neither",
    );
  });
});
