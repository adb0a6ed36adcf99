// Activations without parameters or factors of their own.
import {
  hardsigmoid,
  hardswish,
  logsigmoid,
  mish,
  relu6,
  selu,
  silu,
  softsign,
  type Tensor,
  tanhshrink,
} from "@tead/tensor";
import { Module } from "../module/module.ts";
import { applied, describeInPlace, type InPlaceOption } from "./in-place.ts";

/**
 * y = 1 / (1 + e^-x)
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Sigmoid } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Sigmoid().forward(tensor([0], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0.5]);
 */
export class Sigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return input.sigmoid();
  }
}

/**
 * y = tanh x
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Tanh } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Tanh().forward(tensor([0], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0]);
 */
export class Tanh extends Module {
  override forward(input: Tensor): Tensor {
    return input.tanh();
  }
}

/**
 * y = ln(1 / (1 + e^-x))
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LogSigmoid } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new LogSigmoid().forward(tensor([-1000], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [-1000]);
 */
export class LogSigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return logsigmoid(input);
  }
}

/**
 * y = x / (1 + |x|)
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Softsign } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Softsign().forward(tensor([1], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0.5]);
 */
export class Softsign extends Module {
  override forward(input: Tensor): Tensor {
    return softsign(input);
  }
}

/**
 * y = x - tanh x
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Tanhshrink } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Tanhshrink().forward(tensor([0], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0]);
 */
export class Tanhshrink extends Module {
  override forward(input: Tensor): Tensor {
    return tanhshrink(input);
  }
}

abstract class InPlace extends Module {
  readonly inplace: boolean;

  constructor({ inplace = false }: InPlaceOption = {}) {
    super();
    this.inplace = inplace;
  }
  override extraRepr(): string {
    return describeInPlace("", this.inplace);
  }
}

/**
 * y = max(x, 0)
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `inplace`: whether to write over the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReLU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new ReLU().forward(tensor([-1, 2], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0, 2]);
 */
export class ReLU extends InPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? input.relu_() : input.relu();
  }
}

/**
 * y = min(max(x, 0), 6)
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `inplace`: whether to write over the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReLU6 } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new ReLU6().forward(tensor([-1, 8], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0, 6]);
 */
export class ReLU6 extends InPlace {
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, relu6);
  }
}

/**
 * y = x / (1 + e^-x)
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `inplace`: whether to write over the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SiLU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new SiLU().forward(tensor([0], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0]);
 */
export class SiLU extends InPlace {
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, silu);
  }
}

/**
 * y = x tanh(ln(1 + e^x))
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `inplace`: whether to write over the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Mish.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Mish } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Mish().forward(tensor([0], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0]);
 */
export class Mish extends InPlace {
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, mish);
  }
}

/**
 * y = scale (max(x, 0) + min(0, alpha (e^x - 1))), with the two constants that keep mean 0 and
 * variance 1
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `inplace`: whether to write over the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SELU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SELU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new SELU().forward(tensor([0], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0]);
 */
export class SELU extends InPlace {
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, selu);
  }
}

/**
 * y = x min(max(x + 3, 0), 6) / 6
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `inplace`: whether to write over the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Hardswish } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Hardswish().forward(tensor([-1.5, 3]));
 * assert.deepEqual(y.tolistSync(), [-0.375, 3]);
 */
export class Hardswish extends InPlace {
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, hardswish);
  }
}

/**
 * y = min(max(x + 3, 0), 6) / 6
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `inplace`: whether to write over the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Hardsigmoid } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new Hardsigmoid().forward(tensor([-3, 3], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [0, 1]);
 */
export class Hardsigmoid extends InPlace {
  override forward(input: Tensor): Tensor {
    return applied(input, this.inplace, hardsigmoid);
  }
}
