// Layers that only change the shape.
import type { Shape, Tensor } from "@tead/tensor";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";

/** Options of {@link Flatten}. */
export interface FlattenOptions {
  /** The first dim that is flattened. Default 1: the batch stays. */
  readonly startDim?: number;
  /** The last dim that is flattened. Default -1. */
  readonly endDim?: number;
}

/**
 * Dims `startDim` to `endDim` as one.
 *
 * **Shapes**: `input [N, ...] -> [N, product of the others]` by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Flatten } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Flatten().forward(ones([2, 3, 4])).shape, [2, 12]);
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor({ startDim = 1, endDim = -1 }: FlattenOptions = {}) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }
  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/**
 * One dim as several.
 *
 * @param dim - The dim that is split.
 * @param unflattenedSize - Its new sizes; one may be -1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Unflatten } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Unflatten(1, [3, 4]).forward(ones([2, 12])).shape, [2, 3, 4]);
 */
export class Unflatten extends Module {
  readonly dim: number;
  readonly unflattenedSize: Shape;

  constructor(dim: number, unflattenedSize: Shape) {
    super();
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }
  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }
  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${pyValue(this.unflattenedSize)}`;
  }
}
