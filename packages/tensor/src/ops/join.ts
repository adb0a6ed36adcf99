// Joining tensors along a dim.
import { dispatch } from "../dispatch.ts";
import { promoteTypes } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, type OperandSpec, type TensorSpec } from "../op.ts";
import { formatShape, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The tensors one after the other along `dim`; dL/dx[i] = the piece of g */
export const catOp: Fusable<"cat", readonly ["...tensors"], { dim: number }> = defineFusable(
  "cat",
  {
    inputs: ["...tensors"],
    infer: ([specs], { dim }): [TensorSpec] => {
      const first = specs[0] as OperandSpec;
      let size = 0;
      for (const { shape } of specs) {
        const fits =
          shape.length === first.shape.length &&
          shape.every((n, i) => i === dim || n === first.shape[i]);
        if (!fits || shape.length === 0)
          throw new ShapeError(
            `Cannot join ${formatShape(first.shape)} and ${formatShape(shape)} along dim ${dim}: ` +
              "expected equal sizes in every other dim",
            { hint: "use stack() to join along a new dim" },
          );
        size += shape[dim] as number;
      }
      const dtype = specs.map((spec) => spec.dtype).reduce(promoteTypes);
      return [{ shape: first.shape.with(dim, size), dtype }];
    },
    gradient: ({ grads: [g], inputs: [specs], attrs: { dim } }) => [
      g.split(
        specs.map(({ shape }) => shape[dim] as number),
        dim,
      ),
    ],
    decompose: ([tensors], { dim }) => {
      const first = tensors[0] as Tensor;
      const dtype = tensors.map((t) => t.dtype).reduce(promoteTypes);
      const size = tensors.reduce((sum, t) => sum + t.size(dim), 0);
      const result = first.newEmpty(first.shape.with(dim, size), { dtype });
      let start = 0;
      for (const t of tensors) {
        result.narrow(dim, start, t.size(dim)).copy_(t);
        start += t.size(dim);
      }
      return [result];
    },
  },
);

/**
 * Joins tensors along a dim that they have. Their dtypes are promoted; empty vectors are left out.
 *
 * @param tensors - equal in every other dim
 * @param dim - 0 unless said
 * @throws {ShapeError} where there is no tensor, or the sizes differ
 * @see https://pytorch.org/docs/stable/generated/torch.cat.html
 * @category Joining
 * @example
 * import assert from "node:assert/strict";
 * import { cat, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = tensor([[1, 2]]);
 * assert.deepEqual(cat([x, x], 1).tolistSync(), [[1, 2, 1, 2]]);
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0)
    throw new ShapeError("cat: Nothing to join: expected at least one tensor");
  // Old PyTorch code joins onto an empty 1-d tensor: such tensors are left out, as there.
  const parts = tensors.filter((t) => !(t.ndim === 1 && t.numel() === 0));
  const used = parts.length === 0 ? tensors : parts;
  const joined = dispatch(catOp, [used], { dim: normalizeDim(dim, used[0]?.ndim ?? 1, "cat") });
  if (used.length === tensors.length) return joined;
  return joined.to(tensors.map((t) => t.dtype).reduce(promoteTypes));
}

/**
 * Joins tensors of one shape along a new dim.
 *
 * @param tensors - of one shape
 * @param dim - where the new dim stands; 0 unless said
 * @throws {ShapeError} where the shapes differ
 * @see https://pytorch.org/docs/stable/generated/torch.stack.html
 * @category Joining
 * @example
 * import assert from "node:assert/strict";
 * import { setDefaultDevice, stack, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = tensor([1, 2]);
 * assert.deepEqual(stack([x, x]).shape, [2, 2]);
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  const first = tensors[0];
  const other = tensors.find((t) => t.shape.join() !== first?.shape.join());
  if (other !== undefined)
    throw new ShapeError(
      `stack: Tensors differ in shape: expected ${formatShape(first?.shape ?? [])}, ` +
        `received ${formatShape(other.shape)}`,
    );
  return cat(
    tensors.map((t) => t.unsqueeze(dim)),
    first === undefined ? 0 : normalizeDim(dim, first.ndim + 1, "stack"),
  );
}
