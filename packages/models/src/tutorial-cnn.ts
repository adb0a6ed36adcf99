// The CNN of PyTorch's video tutorial for CIFAR-10, which the benches time.
import { Conv2d, Linear, MaxPool2d, Module } from "@tead/nn";
import type { Tensor } from "@tead/tensor";

/** Options of {@link TutorialCnn}. */
export interface TutorialCnnOptions {
  /** How many classes. Default 10. */
  readonly numClasses?: number;
}

/**
 * Three 5x5 convolutions (32, 32 and 64 channels), each followed by 2x2 max pooling, and two
 * linear layers.
 *
 * **Shapes**: `input [N, 3, 32, 32] -> [N, numClasses]`.
 *
 * @param options - `numClasses`.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { TutorialCnn } from "@tead/models";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new TutorialCnn().forward(zeros([1, 3, 32, 32])).shape, [1, 10]);
 */
export class TutorialCnn extends Module {
  readonly conv1: Conv2d = new Conv2d(3, 32, 5, { padding: 2 });
  readonly conv2: Conv2d = new Conv2d(32, 32, 5, { padding: 2 });
  readonly conv3: Conv2d = new Conv2d(32, 64, 5, { padding: 2 });
  readonly pool: MaxPool2d = new MaxPool2d(2);
  readonly fc1: Linear = new Linear(64 * 4 * 4, 64);
  readonly fc2: Linear;

  constructor({ numClasses = 10 }: TutorialCnnOptions = {}) {
    super();
    this.fc2 = new Linear(64, numClasses);
  }
  override forward(input: Tensor): Tensor {
    let x = this.pool.forward(this.conv1.forward(input)); // [N, 32, 16, 16]
    x = this.pool.forward(this.conv2.forward(x)); // [N, 32, 8, 8]
    x = this.pool.forward(this.conv3.forward(x)); // [N, 64, 4, 4]
    return this.fc2.forward(this.fc1.forward(x.flatten(1)));
  }
}
