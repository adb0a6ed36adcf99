// A tensor's printout. Only the elements that it shows are read, and only where the device can be
// read at once; elsewhere the printout shows the shape.
import { withContext } from "./context.ts";
import { type Element, formatTensor, summarizedIndices, type TensorText } from "./format.ts";
import { numelOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** PyTorch's `str(tensor)`. @internal */
export function describeTensor(t: Tensor): string {
  const { shape, dtype, device } = t;
  const gradFnName = t.gradFn?.name;
  const text: TensorText = {
    shape,
    dtype,
    requiresGrad: t.requiresGrad,
    ...(device.name === "cpu" ? {} : { suffix: `device=${device.name}` }),
    ...(gradFnName === undefined ? {} : { gradFnName }),
  };
  if (t.storage.freed) return formatTensor({ ...text, suffix: "freed" });
  if (device.readSync === undefined) return formatTensor(text);
  return formatTensor({ ...text, data: shownElements(t) });
}

/** The elements that the printout shows, by their position in row-major order. */
function shownElements(t: Tensor): (index: number) => Element {
  // Apart from every mode of the caller: nothing is recorded, and no scope takes the copies.
  return withContext({ scope: undefined, gradEnabled: false }, () => {
    const shown = summarizedIndices(t.shape);
    const whole = shown.length === numelOf(t.shape);
    const data = (whole ? t : picked(t, shown)).dataSync();
    if (whole) return (index) => data[index] as Element;
    const positions = new Map(shown.map((index, i) => [index, i]));
    return (index) => data[positions.get(index) as number] as Element;
  });
}

/** The elements at some row-major positions (the ends of dims), without a read of the others. */
function picked(t: Tensor, positions: readonly number[]): Tensor {
  const ends = t.shape.map((_, dim) => indicesOf(t.shape, dim, positions));
  return ends.reduce((part, indices, dim) => select(part, dim, indices), t).reshape([-1]);
}

/** Which indices of `dim` occur among the positions, ascending. */
function indicesOf(shape: readonly number[], dim: number, positions: readonly number[]): number[] {
  const inner = numelOf(shape.slice(dim + 1));
  const size = shape[dim] as number;
  const found = new Set(positions.map((position) => Math.floor(position / inner) % size));
  return [...found].sort((a, b) => a - b);
}

/** The given indices of `dim`: a first and a last run of them. */
function select(t: Tensor, dim: number, indices: readonly number[]): Tensor {
  const size = t.size(dim);
  if (indices.length === size) return t;
  const firsts = indices.findIndex((index, i) => index !== i);
  const lasts = indices.length - firsts;
  const result = t.newEmpty(t.shape.with(dim, indices.length));
  result.narrow(dim, 0, firsts).copy_(t.narrow(dim, 0, firsts));
  result.narrow(dim, firsts, lasts).copy_(t.narrow(dim, size - lasts, lasts));
  return result;
}
