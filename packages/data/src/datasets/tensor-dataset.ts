// Tensors whose first dim counts samples.
import { ShapeError, type Tensor, tensor } from "@tead/tensor";
import { checkIndex, type Dataset } from "../dataset.ts";

/** As many tensors as the dataset was made of. */
export type TensorsOf<T extends readonly Tensor[]> = { -readonly [K in keyof T]: Tensor };

/**
 * Samples are slices of tensors along their first dim. A batch costs one `indexSelect` a tensor.
 *
 * **Shapes**: `tensors [N, ...]`, sample `[...]`, batch `[B, ...]`.
 *
 * @param tensors - Tensors of the same first size.
 * @throws ShapeError if their first sizes differ or one has no dims.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { TensorDataset } from "@tead/data";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const dataset = new TensorDataset(tensor([[1, 2], [3, 4]]), tensor([0, 1]));
 * const [x, y] = dataset.getItem(1);
 * assert.deepEqual([await x.tolist(), await y.item()], [[3, 4], 1]);
 */
export class TensorDataset<const T extends readonly Tensor[]> implements Dataset<TensorsOf<T>> {
  readonly tensors: T;
  readonly length: number;

  constructor(...tensors: T) {
    const length = tensors[0]?.shape[0];
    if (length === undefined || tensors.some(({ shape }) => shape[0] !== length)) {
      throw new ShapeError(
        `Cannot pair tensors: expected at least one, all with the same first size, received ${tensors.map(({ shape }) => `[${shape.join(", ")}]`).join(", ") || "none"}`,
        { op: "TensorDataset" },
      );
    }
    this.tensors = tensors;
    this.length = length;
  }

  getItem(index: number): TensorsOf<T> {
    checkIndex("TensorDataset", index, this.length);
    return this.tensors.map((each) => each.select(0, index)) as TensorsOf<T>;
  }

  getBatch(indices: readonly number[]): TensorsOf<T> {
    for (const index of indices) checkIndex("TensorDataset", index, this.length);
    const host = Int32Array.from(indices);
    return this.tensors.map((each) =>
      each.indexSelect(0, tensor(host, { device: each.device })),
    ) as TensorsOf<T>;
  }
}
