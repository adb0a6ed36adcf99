// What x.at(...) and x.setAt_(...) mean: numbers, ranges and new dims become views; index tensors
// and masks become one indexSelect or one indexCopy over flattened dims, whose kernels check them.
import { DTypeError, ShapeError, UnsupportedError } from "./errors.ts";
import { uploaded } from "./methods/convert.ts";
import { broadcastShapes, formatShape, numelOf, type Shape, viewStrides } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** A range of indices of one dim, made by {@link slice}. */
export class Slice {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly step: number | undefined;
  /** @internal Use slice(). */
  constructor(start?: number, end?: number, step?: number) {
    this.start = start;
    this.end = end;
    this.step = step;
  }
}

/**
 * Indices start, start + step, ... before end, for `at()`: Python's `start:end:step`.
 *
 * @param start - the first; negative counts from the end; 0 unless said
 * @param end - one past the last; negative counts from the end; the dim's size unless said
 * @param step - at least 1, and 1 unless said
 * @category Indexing
 * @example
 * import assert from "node:assert/strict";
 * import { arange, setDefaultDevice, slice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(arange(6).at(slice(1, -1, 2)).tolistSync(), [1, 3]);
 */
export function slice(start?: number, end?: number, step?: number): Slice {
  return new Slice(start, end, step);
}

/**
 * What stands between the brackets of PyTorch's `x[...]`: a number, a range, `":"` (a whole dim),
 * `null` (a new dim), `"..."` (all dims that are not named), index numbers or an index tensor, a mask.
 */
export type Index = number | null | "..." | ":" | Slice | Tensor | readonly number[];

/** An index tensor and the dim of the view that it reads. */
interface Pick {
  readonly dim: number;
  readonly index: Tensor;
}
interface Selection {
  readonly view: Tensor;
  readonly picks: readonly Pick[];
}

const isMask = (index: Index): index is Tensor =>
  typeof index === "object" && index !== null && "storage" in index && index.dtype === "bool";

function dimsOf(index: Index): number {
  if (index === null || index === "...") return 0;
  return isMask(index) ? index.ndim : 1;
}

/** Applies numbers, ranges and new dims; what is left to gather stands in `picks`. */
function selection(method: string, tensor: Tensor, indices: readonly Index[]): Selection {
  const used = indices.reduce<number>((sum, index) => sum + dimsOf(index), 0);
  if (used > tensor.ndim)
    throw new ShapeError(
      `${method}: Too many indices: expected at most ${tensor.ndim}, received ${used}`,
    );
  if (indices.filter((index) => index === "...").length > 1)
    throw new ShapeError(`${method}: Ellipsis stands twice: expected "..." at most once`);
  let view = tensor;
  let dim = 0;
  const picks: Pick[] = [];
  for (const index of indices) {
    if (typeof index === "number") view = view.select(dim, index);
    else if (index === null) view = view.unsqueeze(dim++);
    else if (index === ":") dim++;
    else if (index === "...") dim += tensor.ndim - used;
    else if (index instanceof Slice) view = view.sliceDim(dim++, index);
    else if (isMask(index)) {
      picks.push(...maskPicks(method, view, dim, index));
      dim += index.ndim;
    } else picks.push({ dim: dim++, index: indexTensor(method, view, index) });
  }
  return { view, picks };
}

function indexTensor(method: string, view: Tensor, index: Tensor | readonly number[]): Tensor {
  if ("storage" in index) return index;
  if (!index.every(Number.isInteger))
    throw new DTypeError(
      `${method}: Index is not an integer: expected integers, received [${index.join(", ")}]`,
    );
  return uploaded(view.device, "int32", [index.length], Int32Array.from(index));
}

/** A mask as one index tensor for each of its dims; its true places have to be read. */
function maskPicks(method: string, view: Tensor, dim: number, mask: Tensor): Pick[] {
  const covered = view.shape.slice(dim, dim + mask.ndim);
  if (mask.ndim === 0 || covered.join() !== mask.shape.join())
    throw new ShapeError(
      `${method}: Mask does not fit: expected shape ${formatShape(covered)} at dim ${dim}, ` +
        `received ${formatShape(mask.shape)}`,
    );
  if (mask.device.readSync === undefined)
    throw new UnsupportedError(
      `${method}: Cannot read the mask at once: expected a device with synchronous reads, ` +
        `received ${mask.device.name}`,
      { hint: "write await x.maskedSelect(mask), or use maskedFill() or mask.where(a, b)" },
    );
  const positions = mask.nonzeroSync();
  return mask.shape.map((_, i) => ({ dim: dim + i, index: positions.select(1, i) }));
}

/** Where the elements that several index tensors pick lie, and where their dims go. */
interface Region {
  /** The dims that index tensors read, in order, and all others. */
  readonly order: readonly number[];
  readonly picked: Shape;
  readonly rest: Shape;
  /** The broadcast shape of the index tensors. */
  readonly batch: Shape;
  /** Where the batch dims stand in the result: PyTorch's rule. */
  readonly at: number;
}

function regionOf({ view, picks }: Selection): Region {
  const dims = picks.map((pick) => pick.dim);
  const others = view.shape.map((_, dim) => dim).filter((dim) => !dims.includes(dim));
  const adjacent = dims.every((dim, i) => i === 0 || dim === (dims[i - 1] as number) + 1);
  return {
    order: [...dims, ...others],
    picked: dims.map((dim) => view.size(dim)),
    rest: others.map((dim) => view.size(dim)),
    batch: broadcastShapes(...picks.map(({ index }) => index.shape)),
    at: adjacent ? (dims[0] as number) : 0,
  };
}

/** The position in the flattened picked dims that each entry of the index tensors means. */
function flatIndex({ picks, view }: Selection, { picked, batch }: Region): Tensor {
  if (picks.length === 1) return (picks[0] as Pick).index.reshape([-1]);
  let stride = 1;
  let flat: Tensor | undefined;
  for (let i = picks.length - 1; i >= 0; i--) {
    const size = picked[i] as number;
    const { index } = picks[i] as Pick;
    // Reading a range by the index checks it, and makes negative indices positive.
    const checked = view
      .newArange(size)
      .indexSelect(0, index.reshape([-1]))
      .view(index.shape);
    const part = stride === 1 ? checked : checked.mul(stride);
    flat = flat === undefined ? part : flat.add(part);
    stride *= size;
  }
  return (flat as Tensor).expand(batch).reshape([-1]);
}

/** The dims of a result whose batch dims come first, with those moved to `at`. */
function placed(result: Tensor, batch: number, at: number): Tensor {
  if (at === 0 || batch === 0) return result;
  const from = Array.from({ length: batch }, (_, i) => i);
  return result.movedim(
    from,
    from.map((dim) => dim + at),
  );
}

/** x[indices] */
export function readAt(method: string, tensor: Tensor, indices: readonly Index[]): Tensor {
  const chosen = selection(method, tensor, indices);
  const { view, picks } = chosen;
  if (picks.length === 0) return view;
  const [only] = picks;
  if (picks.length === 1 && only !== undefined) {
    const flat = view.indexSelect(only.dim, only.index.reshape([-1]));
    if (only.index.ndim === 1) return flat;
    return flat.reshape(view.shape.toSpliced(only.dim, 1, ...only.index.shape));
  }
  const region = regionOf(chosen);
  const { order, picked, rest, batch, at } = region;
  const rows = view.permute(order).reshape([numelOf(picked), ...rest]);
  const result = rows.indexSelect(0, flatIndex(chosen, region)).reshape([...batch, ...rest]);
  return placed(result, batch.length, at);
}

/** x[indices] = value, or += where they accumulate. */
export function writeAt(
  method: string,
  tensor: Tensor,
  indices: readonly Index[],
  value: Tensor | number | boolean,
  accumulate: boolean,
): void {
  const chosen = selection(method, tensor, indices);
  const { view, picks } = chosen;
  if (picks.length === 0) {
    if (!accumulate) view.copy_(fitted(view, value, view.shape));
    else view.add_(value);
    return;
  }
  const region = regionOf(chosen);
  const { order, picked, rest, batch, at } = region;
  const shape = rest.toSpliced(at, 0, ...batch);
  const source = fitted(view, value, shape);
  const batchDims = batch.map((_, i) => i + at);
  const rows = source
    .movedim(
      batchDims,
      batch.map((_, i) => i),
    )
    .reshape([numelOf(batch), ...rest]);
  const index = flatIndex(chosen, region);
  const turned = view.permute(order);
  const target = [numelOf(picked), ...rest];
  if (viewStrides(turned, target) !== undefined) {
    const flat = turned.view(target);
    if (accumulate) flat.indexAdd_(0, index, rows);
    else flat.indexCopy_(0, index, rows);
    return;
  }
  const flat = turned.reshape(target);
  const written = accumulate ? flat.indexAdd(0, index, rows) : flat.indexCopy(0, index, rows);
  turned.copy_(written.view(turned.shape));
}

/** The value in the target's dtype, broadcast; leading dims of size 1 too many are left out. */
function fitted(target: Tensor, value: Tensor | number | boolean, shape: Shape): Tensor {
  if (typeof value !== "object") return target.newFull([], Number(value)).expand(shape);
  let fit = value.to({ dtype: target.dtype, device: target.device });
  while (fit.ndim > shape.length && fit.shape[0] === 1) fit = fit.select(0, 0);
  return fit.expand(shape);
}
