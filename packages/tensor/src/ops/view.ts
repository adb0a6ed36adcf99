// Ops that move no element: each says how its output lies over its input's storage.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { defineFusable, defineView, type Fusable, type TensorSpec, type ViewOp } from "../op.ts";
import {
  formatShape,
  type Geometry,
  normalizeDim,
  numelOf,
  type Shape,
  viewStrides,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The shape with -1 kept where the size stays; new dims in front. */
export const expandOp: ViewOp<"expand", { shape: Shape }> = defineView("expand", {
  view: (input, { shape: target }) => {
    const lead = target.length - input.shape.length;
    const shape = target.map((size, i) => (size === -1 ? (input.shape[i - lead] ?? -1) : size));
    const fits =
      lead >= 0 &&
      shape.every((size, i) => {
        const from = input.shape[i - lead] ?? 1;
        return Number.isInteger(size) && size >= 0 && (from === size || from === 1);
      });
    if (!fits)
      throw new ShapeError(
        `Cannot expand ${formatShape(input.shape)} to ${formatShape(target)}: expected equal sizes ` +
          "where a dim is not 1, and new dims in front",
      );
    const strides = shape.map((size, i) =>
      i < lead || input.shape[i - lead] !== size ? 0 : (input.strides[i - lead] as number),
    );
    return { shape, strides, offset: input.offset };
  },
  gradient: ({ grads: [g], inputs: [input] }) => [g.sumToSize(input.shape)],
});

/** The same elements under another shape, where strides can show it. */
export const viewOp: ViewOp<"view", { shape: Shape }> = defineView("view", {
  view: (input, { shape }) => {
    const strides = viewStrides(input, shape);
    if (strides === undefined || numelOf(shape) !== numelOf(input.shape))
      throw new ShapeError(
        `Cannot view ${formatShape(input.shape)} as ${formatShape(shape)}: expected dims that are ` +
          `contiguous in memory, received strides ${formatShape(input.strides)}`,
        { hint: "use reshape(), which copies where it must" },
      );
    return { shape, strides, offset: input.offset };
  },
  gradient: ({ grads: [g], inputs: [input] }) => [g.reshape(input.shape)],
});

/** A matrix's transpose. */
function swapped({ shape, strides, offset }: Geometry): Geometry {
  return {
    shape: [shape[1] as number, shape[0] as number],
    strides: [strides[1] as number, strides[0] as number],
    offset,
  };
}

/** The dims in another order. */
export const permuteOp: ViewOp<"permute", { dims: readonly number[] }> = defineView("permute", {
  view: (input, { dims }) => {
    const rank = input.shape.length;
    if (rank === 2 && dims.length === 2 && dims[0] === 1 && dims[1] === 0) return swapped(input);
    const order: number[] = [];
    const shape: number[] = [];
    const strides: number[] = [];
    for (const dim of dims) {
      const from = normalizeDim(dim, rank);
      if (order.includes(from)) break;
      order.push(from);
      shape.push(input.shape[from] as number);
      strides.push(input.strides[from] as number);
    }
    if (order.length !== rank || dims.length !== rank)
      throw new ShapeError(
        `Cannot permute ${formatShape(input.shape)} by ${formatShape(dims)}: expected each dim once`,
      );
    return { shape, strides, offset: input.offset };
  },
  gradient: ({ grads: [g], inputs: [input], attrs: { dims } }) => {
    const inverse = new Array<number>(dims.length);
    dims.forEach((dim, i) => {
      inverse[normalizeDim(dim, input.shape.length)] = i;
    });
    return [g.permute(inverse)];
  },
});

interface SliceAttrs {
  readonly dim: number;
  readonly start: number;
  /** One past the last. */
  readonly end: number;
  readonly step: number;
}

/** Elements start, start + step, ... before end along `dim`; bounds already clamped. */
export const sliceOp: ViewOp<"slice", SliceAttrs> = defineView("slice", {
  view: (input, { dim, start, end, step }) => {
    if (!Number.isInteger(step) || step < 1)
      throw new ShapeError(
        `Step is out of range: expected an integer of at least 1, received ${step}`,
        {
          hint: "use flip() to go backwards",
        },
      );
    const d = normalizeDim(dim, input.shape.length);
    const stride = input.strides[d] as number;
    const size = Math.max(0, Math.ceil((end - start) / step));
    return {
      shape: input.shape.with(d, size),
      strides: input.strides.with(d, stride * step),
      offset: input.offset + (size === 0 ? 0 : start * stride),
    };
  },
  gradient: ({ grads: [g], inputs: [input], attrs }) => [embed(g, input.shape, sliceOp, attrs)],
});

/** One index of `dim`, which goes away. */
export const selectOp: ViewOp<"select", { dim: number; index: number }> = defineView("select", {
  view: (input, { dim, index }) => {
    if (input.shape.length === 0)
      throw new ShapeError("Cannot select from a 0-d tensor: expected at least one dim", {
        hint: "use item() to read its value",
      });
    const d = normalizeDim(dim, input.shape.length);
    const size = input.shape[d] as number;
    if (!Number.isInteger(index) || index < -size || index >= size)
      throw new ShapeError(
        `Index is out of range: expected an integer from ${-size} to ${size - 1} for dim ${d}, ` +
          `received ${index}`,
      );
    const at = index < 0 ? index + size : index;
    return {
      shape: input.shape.toSpliced(d, 1),
      strides: input.strides.toSpliced(d, 1),
      offset: input.offset + at * (input.strides[d] as number),
    };
  },
  gradient: ({ grads: [g], inputs: [input], attrs }) => [embed(g, input.shape, selectOp, attrs)],
});

interface UnfoldAttrs {
  readonly dim: number;
  readonly size: number;
  readonly step: number;
}

/** All windows of `size` elements along `dim`, `step` apart, in a new last dim. */
export const unfoldOp: ViewOp<"unfold", UnfoldAttrs> = defineView("unfold", {
  view: ({ shape, strides, offset }, { dim, size, step }) => {
    const d = normalizeDim(dim, shape.length);
    const total = shape[d] ?? 1;
    const stride = strides[d] ?? 1;
    if (!Number.isInteger(size) || size < 0 || size > total)
      throw new ShapeError(
        `Window does not fit: expected a size from 0 to ${total}, received ${size}`,
      );
    if (!Number.isInteger(step) || step < 1)
      throw new ShapeError(
        `Step is out of range: expected an integer of at least 1, received ${step}`,
      );
    if (shape.length === 0) return { shape: [size], strides: [1], offset };
    const windows = Math.floor((total - size) / step) + 1;
    return {
      shape: [...shape.with(d, windows), size],
      strides: [...strides.with(d, stride * step), stride],
      offset,
    };
  },
  gradient: ({ grads: [g], inputs: [input], attrs }) => [unfoldGradient(g, input.shape, attrs)],
});

/** Adds each window's gradient to the elements that it shows. */
function unfoldGradient(g: Tensor, shape: Shape, { dim, size, step }: UnfoldAttrs): Tensor {
  if (shape.length === 0) return g.sum();
  const d = normalizeDim(dim, shape.length);
  const windows = g.shape[d] as number;
  // Window w shows the elements w * step + k: [windows, size]
  const places = g.newArange(windows).mul(step).unsqueeze(1).add(g.newArange(size));
  const rows = g.movedim(-1, d + 1);
  const flat = rows.reshape(shape.with(d, windows * size));
  return g.newZeros(shape).indexAdd(d, places.reshape([-1]), flat);
}

interface DiagonalAttrs {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

/** The diagonal of two dims as a last dim. */
export const diagonalOp: ViewOp<"diagonal", DiagonalAttrs> = defineView("diagonal", {
  view: (input, { offset, dim1, dim2 }) => {
    const rank = input.shape.length;
    const a = normalizeDim(dim1, rank);
    const b = normalizeDim(dim2, rank);
    if (a === b || rank < 2)
      throw new ShapeError(
        `Diagonal needs two dims: expected dim1 other than dim2, received ${dim1}`,
      );
    const rows = input.shape[a] as number;
    const columns = input.shape[b] as number;
    const size = Math.max(
      0,
      offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns),
    );
    const [strideA, strideB] = [input.strides[a] as number, input.strides[b] as number];
    const start = offset >= 0 ? offset * strideB : -offset * strideA;
    const keep = (_: number, i: number): boolean => i !== a && i !== b;
    return {
      shape: [...input.shape.filter(keep), size],
      strides: [...input.strides.filter(keep), strideA + strideB],
      offset: input.offset + (size === 0 ? 0 : start),
    };
  },
  gradient: ({ grads: [g], inputs: [input], attrs }) => [embed(g, input.shape, diagonalOp, attrs)],
});

/** Any geometry over the same storage; indices may repeat. */
export const asStridedOp: ViewOp<"asStrided", Geometry> = defineView("asStrided", {
  view: (_, geometry) => geometry,
  gradient: ({ grads: [g], inputs: [input], attrs }) => [asStridedGradient(g, input, attrs)],
});

/** Adds each element of g to the place in the storage that it was read from. */
function asStridedGradient(g: Tensor, input: Geometry, geometry: Geometry): Tensor {
  const reach = (at: Geometry): number =>
    at.shape.includes(0)
      ? 0
      : at.shape.reduce((sum, size, i) => sum + (size - 1) * (at.strides[i] as number), 0) + 1;
  const low = Math.min(input.offset, geometry.offset);
  const count = Math.max(input.offset + reach(input), geometry.offset + reach(geometry)) - low;
  // The index of every storage element, seen through the view's geometry.
  const places = g
    .newArange(count)
    .asStrided(geometry.shape, geometry.strides, geometry.offset - low);
  const flat = g.newZeros([count]).scatterAdd(0, places.reshape([-1]), g.reshape([-1]));
  const own = flat.asStrided(input.shape, input.strides, input.offset - low);
  return own.clone();
}

/** A view op with its attributes: a place in a tensor. */
interface PlaceAttrs {
  readonly view: ViewOp<string, never>;
  readonly attrs: never;
}

/** y = zeros of `shape`, with the source where the view shows it; dL/dsource = the view of g */
export const embedOp: Fusable<
  "embed",
  readonly ["source"],
  PlaceAttrs & { readonly shape: Shape }
> = defineFusable("embed", {
  inputs: ["source"],
  infer: ([source], { shape }): [TensorSpec] => [{ shape, dtype: source.dtype }],
  gradient: ({ grads: [g], attrs: { view, attrs } }) => [dispatch(view, [g], attrs)],
  decompose: ([source], { shape, view, attrs }) => {
    const result = source.newZeros(shape);
    dispatch(view, [result], attrs).copy_(source);
    return [result];
  },
});

/** Zeros of `shape` with the source where the view shows it. */
export function embed<A>(source: Tensor, shape: Shape, view: ViewOp<string, A>, attrs: A): Tensor {
  return dispatch(embedOp, [source], {
    shape,
    view: view as ViewOp<string, never>,
    attrs: attrs as never,
  });
}

/** y = x with the source written where the view shows it */
export const viewScatterOp: Fusable<"viewScatter", readonly ["input", "source"], PlaceAttrs> =
  defineFusable("viewScatter", {
    inputs: ["input", "source"],
    infer: ([input]): [TensorSpec] => [{ shape: input.shape, dtype: input.dtype }],
    gradient: ({ grads: [g], inputs: [, source], needs, attrs: { view, attrs } }) => [
      needs[0]
        ? dispatch(viewScatterOp, [g, g.newZeros(source.shape)], { view, attrs })
        : undefined,
      needs[1] ? dispatch(view, [g], attrs) : undefined,
    ],
    decompose: ([input, source], { view, attrs }) => {
      const result = input.clone();
      dispatch(view, [result], attrs).copy_(source);
      return [result];
    },
  });
