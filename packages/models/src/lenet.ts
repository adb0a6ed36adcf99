// LeNet-5 for 28x28 digits.
import { AvgPool2d, Conv2d, type Layer, Linear, MaxPool2d, Module, ReLU, Tanh } from "@tead/nn";
import type { Tensor } from "@tead/tensor";

/** Options of {@link LeNet5}. */
export interface LeNet5Options {
  /** How many classes. Default 10. */
  readonly numClasses?: number;
  /** What follows each layer but the last. Default "relu"; the paper has "tanh". */
  readonly activation?: "relu" | "tanh";
  /** How 2x2 windows are pooled. Default "max"; the paper has averages. */
  readonly pooling?: "max" | "avg";
}

/**
 * Two 5x5 convolutions (6 and 16 channels), each followed by 2x2 pooling, and three linear layers
 * (120, 84 and the classes). With `{ activation: "tanh", pooling: "avg" }` it is the smooth
 * network of the paper.
 *
 * **Shapes**: `input [N, 1, 28, 28] -> [N, numClasses]`.
 *
 * @param options - `numClasses`, `activation`, `pooling`.
 * @see LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition
 * (1998)
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LeNet5 } from "@tead/models";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new LeNet5().forward(zeros([2, 1, 28, 28])).shape, [2, 10]);
 */
export class LeNet5 extends Module {
  readonly conv1: Conv2d = new Conv2d(1, 6, 5, { padding: 2 });
  readonly conv2: Conv2d = new Conv2d(6, 16, 5);
  readonly fc1: Linear = new Linear(16 * 5 * 5, 120);
  readonly fc2: Linear = new Linear(120, 84);
  readonly fc3: Linear;
  readonly activation: Layer;
  readonly pool: Layer;

  constructor({ numClasses = 10, activation = "relu", pooling = "max" }: LeNet5Options = {}) {
    super();
    this.fc3 = new Linear(84, numClasses);
    this.activation = activation === "tanh" ? new Tanh() : new ReLU();
    this.pool = pooling === "avg" ? new AvgPool2d(2) : new MaxPool2d(2);
  }
  override forward(input: Tensor): Tensor {
    const act = (x: Tensor): Tensor => this.activation.forward(x);
    let x = this.pool.forward(act(this.conv1.forward(input))); // [N, 6, 14, 14]
    x = this.pool.forward(act(this.conv2.forward(x))); // [N, 16, 5, 5]
    x = act(this.fc1.forward(x.flatten(1)));
    return this.fc3.forward(act(this.fc2.forward(x)));
  }
}
