// Padding with a constant, and triangles with zeros beside them; the other modes of pad() read by index.
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, type OperandSpec, type TensorSpec } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** What padding takes. */
export interface PadAttrs {
  /** How many elements come before and after each dim; negative takes them away. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/** x with `value` around it; dL/dx = g without the padding */
export const padOp: Fusable<"pad", readonly ["input"], PadAttrs> = defineFusable("pad", {
  inputs: ["input"],
  infer: ([input], { before, after }): [TensorSpec] => {
    const shape = input.shape.map((size, i) => size + (before[i] as number) + (after[i] as number));
    if (shape.some((size) => !(size >= 0)))
      throw new ShapeError(
        `Padding takes away more than there is: expected sizes of at least 0, ` +
          `received ${formatShape(shape)}`,
      );
    return [{ shape, dtype: input.dtype }];
  },
  gradient: ({ grads: [g], attrs: { before, after } }) => [
    g.padEach(
      before.map((n) => -n),
      after.map((n) => -n),
    ),
  ],
  decompose: ([x], { before, after, value }) => {
    const shape = x.shape.map((size, i) => size + (before[i] as number) + (after[i] as number));
    const result = x.newFull(shape, value);
    let from: Tensor = x;
    let to = result;
    shape.forEach((size, dim) => {
      const lead = before[dim] as number;
      const start = Math.max(-lead, 0);
      const first = Math.max(lead, 0);
      const length = Math.max(0, Math.min(x.size(dim) - start, size - first));
      from = from.sliceDim(dim, { start, end: start + length });
      to = to.sliceDim(dim, { start: first, end: first + length });
    });
    to.copy_(from);
    return [result];
  },
});

/** Which triangle of a matrix stays. */
export interface TriangleAttrs {
  /** How far above (or, negative, below) the main diagonal its edge is. */
  readonly diagonal: number;
}

function triangleSpec([{ shape, dtype }]: readonly [OperandSpec]): [TensorSpec] {
  if (shape.length < 2)
    throw new ShapeError(`Tensor is no matrix: expected at least 2 dims, received ${shape.length}`);
  return [{ shape, dtype }];
}

/** Column minus row for each place of the last two dims. */
const offsetsOf = (x: Tensor): Tensor =>
  x.newArange(x.size(-1)).sub(x.newArange(x.size(-2)).unsqueeze(1));

/** The lower triangle of the last two dims, else 0; dL/dx = the same triangle of g */
export const trilOp: Fusable<"tril", readonly ["input"], TriangleAttrs> = defineFusable("tril", {
  inputs: ["input"],
  infer: triangleSpec,
  gradient: ({ grads: [g], attrs: { diagonal } }) => [g.tril(diagonal)],
  decompose: ([x], { diagonal }) => [offsetsOf(x).le(diagonal).where(x, 0).to(x.dtype)],
});

/** The upper triangle of the last two dims, else 0; dL/dx = the same triangle of g */
export const triuOp: Fusable<"triu", readonly ["input"], TriangleAttrs> = defineFusable("triu", {
  inputs: ["input"],
  infer: triangleSpec,
  gradient: ({ grads: [g], attrs: { diagonal } }) => [g.triu(diagonal)],
  decompose: ([x], { diagonal }) => [offsetsOf(x).ge(diagonal).where(x, 0).to(x.dtype)],
});
