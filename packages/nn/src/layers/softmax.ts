// Activations along one dim, and those with a learned slope.
import { full, glu, prelu, ShapeError, type Tensor } from "@tead/tensor";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { withBare } from "./bare.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of {@link Softmax}, {@link LogSoftmax} and {@link Softmin}. */
export interface SoftmaxOptions {
  /** The dim along which the values sum to 1. */
  readonly dim: number;
}

abstract class AlongDim extends Module {
  readonly dim: number;

  constructor(dim: number | SoftmaxOptions) {
    super();
    this.dim = withBare("dim", dim, { dim: Number.NaN }).dim;
    if (!Number.isInteger(this.dim))
      throw new RangeError(
        `${this.constructor.name}: Argument dim is not valid: expected an integer, received ${this.dim}`,
      );
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * y = e^x / sum(e^x) along `dim`
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param dim - The dim along which the values sum to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Softmax } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Softmax(1).forward(ones([1, 2])).tolistSync(), [[0.5, 0.5]]);
 */
export class Softmax extends AlongDim {
  override forward(input: Tensor): Tensor {
    return input.softmax(this.dim);
  }
}

/**
 * y = ln(e^x / sum(e^x)) along `dim`, without overflow
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param dim - The dim along which the exponentials sum to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LogSoftmax } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new LogSoftmax(1).forward(ones([1, 1])).tolistSync(), [[0]]);
 */
export class LogSoftmax extends AlongDim {
  override forward(input: Tensor): Tensor {
    return input.logSoftmax(this.dim);
  }
}

/**
 * y = e^-x / sum(e^-x) along `dim`
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param dim - The dim along which the values sum to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Softmin } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Softmin(1).forward(zeros([1, 2])).tolistSync(), [[0.5, 0.5]]);
 */
export class Softmin extends AlongDim {
  override forward(input: Tensor): Tensor {
    return input.neg().softmax(this.dim);
  }
}

/**
 * Softmax over the channels at each place of an image.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W]`, the output alike.
 *
 * @throws ShapeError for another rank.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Softmax2d } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Softmax2d().forward(zeros([2, 1, 1])).tolistSync(), [[[0.5]], [[0.5]]]);
 */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    const { shape, dtype } = input;
    if (shape.length !== 3 && shape.length !== 4)
      throw new ShapeError(
        `Input has the wrong rank: expected 3 or 4 dims, received ${shape.length}`,
        { op: "Softmax2d", operands: [{ name: "input", shape, dtype }] },
      );
    return input.softmax(-3);
  }
}

/** Options of {@link GLU}. */
export interface GLUOptions {
  /** The dim that is split. Default -1. */
  readonly dim?: number;
}

/**
 * y = a / (1 + e^-b), with a and b the two halves along `dim`
 *
 * @param dim - The dim that is split in two. Default -1.
 * @throws ShapeError where its size is odd.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GLU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { GLU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new GLU().forward(tensor([4, 0]).float()).tolistSync(), [2]);
 */
export class GLU extends Module {
  readonly dim: number;

  constructor(dim?: number | GLUOptions) {
    super();
    this.dim = withBare("dim", dim, {}).dim ?? -1;
  }
  override forward(input: Tensor): Tensor {
    return glu(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions extends FactoryOptions {
  /** 1 slope for all channels, or as many as there are. Default 1. */
  readonly numParameters?: number;
  /** The first slope. Default 0.25. */
  readonly init?: number;
}

/**
 * y = x where x > 0, else weight x, with a learned weight for all channels or for each
 *
 * **Shapes**: `input [N, C, ...]`, the output alike; `weight [numParameters]`.
 *
 * @param numParameters - 1, or the number of channels.
 * @param options - `init`, `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { PReLU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new PReLU().forward(tensor([-4, 2], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [-1, 2]);
 */
export class PReLU extends Module {
  readonly numParameters: number;
  weight: Parameter;

  constructor(numParameters?: number | PReLUOptions, options: PReLUOptions = {}) {
    super();
    const all = withBare("numParameters", numParameters, options);
    this.numParameters = all.numParameters ?? 1;
    checkSize("PReLU", "numParameters", this.numParameters, 1);
    const { init = 0.25 } = all;
    this.weight = new Parameter(
      full([this.numParameters], init, { dtype: "float32", ...factory(all) }),
    );
  }
  override forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }
  override extraRepr(): string {
    return `num_parameters=${pyValue(this.numParameters)}`;
  }
}
