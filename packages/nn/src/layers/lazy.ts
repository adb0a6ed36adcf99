// Lazy layers: linear ones and normalizations that take their input's size from the first input.
import { ShapeError, type Tensor } from "@tead/tensor";
import type { AnyModule } from "../module/module.ts";
import { isUninitialized, UninitializedBuffer, UninitializedParameter } from "../uninitialized.ts";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "./batch-norm.ts";
import { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from "./instance-norm.ts";
import { Linear, type LinearOptions } from "./linear.ts";
import type { BatchNormLayerOptions, RunningNorm } from "./running-norm.ts";

/** What a lazy layer becomes: its class, its sizes, and the shapes of what it owns. */
interface Becoming {
  readonly prototype: object;
  readonly fields: Readonly<Record<string, number>>;
  shapeOf(key: string): readonly number[];
}

/** Makes a lazy layer the plain one, drawing its first weights unless it has loaded some. */
export function become(
  layer: AnyModule & { resetParameters(): void },
  { prototype, fields, shapeOf }: Becoming,
): void {
  const waiting = layer.members().filter(([, value]) => isUninitialized(value));
  for (const [key, value] of waiting) if (isUninitialized(value)) value.materialize(shapeOf(key));
  Object.assign(layer, fields);
  Object.setPrototypeOf(layer, prototype);
  if (waiting.length > 0) layer.resetParameters();
}

/**
 * A linear layer whose `inFeatures` is the size of its first input's last dim; it then becomes a
 * `Linear`.
 *
 * @param outFeatures - The size of the output's last dim.
 * @param options - `bias`, `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LazyLinear } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new LazyLinear(3);
 * assert.equal(String(layer), "LazyLinear(in_features=0, out_features=3, bias=True)");
 * layer.forward(ones([2, 5]));
 * assert.equal(String(layer), "Linear(in_features=5, out_features=3, bias=True)");
 */
export class LazyLinear extends Linear {
  constructor(outFeatures: number, options: LinearOptions = {}) {
    super(0, outFeatures, { ...options, bias: false });
    this.weight = new UninitializedParameter(options);
    if (options.bias !== false) this.bias = new UninitializedParameter(options);
  }
  /** Nothing is drawn before there is a shape. */
  override resetParameters(): void {}
  override forward(input: Tensor): Tensor {
    const inFeatures = input.size(-1);
    const { outFeatures } = this;
    become(this, {
      prototype: Linear.prototype,
      fields: { inFeatures },
      shapeOf: (key) => (key === "weight" ? [outFeatures, inFeatures] : [outFeatures]),
    });
    return super.forward(input);
  }
}

/** Takes back the sizes that a normalization was constructed with. */
function makeLazy(layer: RunningNorm, options: BatchNormLayerOptions): void {
  Object.assign(layer, {
    numFeatures: 0,
    weight: layer.weight && new UninitializedParameter(options),
    bias: layer.bias && new UninitializedParameter(options),
    runningMean: layer.runningMean && new UninitializedBuffer(options),
    runningVar: layer.runningVar && new UninitializedBuffer(options),
  });
}

function becomeNorm(
  layer: RunningNorm,
  prototype: object,
  input: Tensor,
  channelDim: number,
): void {
  const numFeatures = input.shape[channelDim];
  if (numFeatures === undefined)
    throw new ShapeError(
      `Input has the wrong rank: expected at least ${channelDim + 1} dims, received ${input.ndim}`,
      { op: layer.constructor.name },
    );
  become(layer, { prototype, fields: { numFeatures }, shapeOf: () => [numFeatures] });
}

/**
 * `BatchNorm1d` whose `numFeatures` is that of its first input.
 *
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats`, `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LazyBatchNorm1d } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new LazyBatchNorm1d();
 * layer.forward(ones([4, 3]));
 * assert.deepEqual(layer.weight?.shape, [3]);
 */
export class LazyBatchNorm1d extends BatchNorm1d {
  constructor(options: BatchNormLayerOptions = {}) {
    super(1, options);
    makeLazy(this, options);
  }
  override forward(input: Tensor): Tensor {
    becomeNorm(this, BatchNorm1d.prototype, input, 1);
    return super.forward(input);
  }
}

/**
 * `BatchNorm2d` whose `numFeatures` is that of its first input.
 *
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats`, `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html
 */
export class LazyBatchNorm2d extends BatchNorm2d {
  constructor(options: BatchNormLayerOptions = {}) {
    super(1, options);
    makeLazy(this, options);
  }
  override forward(input: Tensor): Tensor {
    becomeNorm(this, BatchNorm2d.prototype, input, 1);
    return super.forward(input);
  }
}

/**
 * `BatchNorm3d` whose `numFeatures` is that of its first input.
 *
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats`, `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm3d.html
 */
export class LazyBatchNorm3d extends BatchNorm3d {
  constructor(options: BatchNormLayerOptions = {}) {
    super(1, options);
    makeLazy(this, options);
  }
  override forward(input: Tensor): Tensor {
    becomeNorm(this, BatchNorm3d.prototype, input, 1);
    return super.forward(input);
  }
}

/**
 * `InstanceNorm1d` whose `numFeatures` is that of its first input. Unlike it, it learns scale and
 * shift and keeps statistics unless told otherwise, as in PyTorch.
 *
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both true unless said),
 * `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html
 */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  constructor(options: BatchNormLayerOptions = {}) {
    super(1, { affine: true, trackRunningStats: true, ...options });
    makeLazy(this, options);
  }
  override forward(input: Tensor): Tensor {
    becomeNorm(this, InstanceNorm1d.prototype, input, input.ndim === 3 ? 1 : 0);
    return super.forward(input);
  }
}

/**
 * `InstanceNorm2d` whose `numFeatures` is that of its first input. Unlike it, it learns scale and
 * shift and keeps statistics unless told otherwise, as in PyTorch.
 *
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both true unless said),
 * `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html
 */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  constructor(options: BatchNormLayerOptions = {}) {
    super(1, { affine: true, trackRunningStats: true, ...options });
    makeLazy(this, options);
  }
  override forward(input: Tensor): Tensor {
    becomeNorm(this, InstanceNorm2d.prototype, input, input.ndim === 4 ? 1 : 0);
    return super.forward(input);
  }
}

/**
 * `InstanceNorm3d` whose `numFeatures` is that of its first input. Unlike it, it learns scale and
 * shift and keeps statistics unless told otherwise, as in PyTorch.
 *
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both true unless said),
 * `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm3d.html
 */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  constructor(options: BatchNormLayerOptions = {}) {
    super(1, { affine: true, trackRunningStats: true, ...options });
    makeLazy(this, options);
  }
  override forward(input: Tensor): Tensor {
    becomeNorm(this, InstanceNorm3d.prototype, input, input.ndim === 5 ? 1 : 0);
    return super.forward(input);
  }
}
