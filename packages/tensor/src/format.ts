// Tensors as text, as PyTorch prints them. Works on numbers and shapes: knows no Tensor.
import type { DType } from "./dtype.ts";
import { type Element, formatElements } from "./format/elements.ts";
import { layOut, numelOf, printedIndices } from "./format/layout.ts";
import { getPrintOptions, mergeOptions, type PrintOptions } from "./format/options.ts";

export type { Element } from "./format/elements.ts";
export {
  getPrintOptions,
  type PrintOptionChanges,
  type PrintOptions,
  setPrintOptions,
} from "./format/options.ts";

/** What {@link formatTensor} prints. */
export interface TensorText {
  /**
   * The elements in row-major order, or a function that gives the one at a position of that order;
   * only those of {@link summarizedIndices} are read. Without it, the text shows the size instead.
   */
  readonly data?: ArrayLike<Element> | ((index: number) => Element);
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** What comes first after the elements, such as `device=webgpu`. */
  readonly suffix?: string;
  readonly requiresGrad?: boolean;
  /** The name of the node that made the tensor, such as `AddBackward`. */
  readonly gradFnName?: string;
  /** Options that differ from those of `setPrintOptions()`. */
  readonly options?: Partial<PrintOptions>;
}

const PREFIX = "tensor(";

/**
 * A tensor as text, character for character as PyTorch's `str(tensor)`, but for these spellings:
 * dtypes have no `torch.` before them; the dtype is left out for float32, bool and int32, our default
 * for integers (PyTorch's is int64, which we print as `dtype=int64`); `requires_grad=True` is
 * `requiresGrad=true`, and `grad_fn=<...>` is `gradFn=<...>`.
 *
 * @throws RangeError if an option is out of range, or `data` has another length than the shape says
 * @see https://pytorch.org/docs/stable/generated/torch.set_printoptions.html
 * @example
 * import { formatTensor } from "@tead/tensor";
 * import assert from "node:assert/strict";
 *
 * const text = formatTensor({ data: [1, 2.5, -3, 4], shape: [2, 2], dtype: "float32" });
 * assert.equal(text, "tensor([[ 1.0000,  2.5000],\n        [-3.0000,  4.0000]])");
 */
export function formatTensor(tensor: TensorText): string {
  const { data, shape, dtype } = tensor;
  const options = mergeOptions("formatTensor", getPrintOptions(), tensor.options ?? {});
  const numel = numelOf(shape);
  const suffixes: string[] = [];
  if (tensor.suffix !== undefined) suffixes.push(tensor.suffix);
  let body = "[]";
  if (data === undefined || numel === 0) {
    // No element shows the shape or the dtype: both are written out.
    if (data === undefined) body = "...";
    if (data === undefined || shape.length !== 1) suffixes.push(`size=${formatSize(shape)}`);
    if (dtype !== "float32") suffixes.push(`dtype=${dtype}`);
  } else {
    if (!isDefault(dtype)) suffixes.push(`dtype=${dtype}`);
    const elements = read(data, numel, printedIndices(shape, options));
    body = layOut(shape, formatElements(elements, dtype, options), PREFIX.length, options);
  }
  if (tensor.gradFnName !== undefined) suffixes.push(`gradFn=<${tensor.gradFnName}>`);
  else if (tensor.requiresGrad) suffixes.push("requiresGrad=true");
  return append(PREFIX + body, suffixes, options.lineWidth);
}

/**
 * The positions, in row-major order and ascending, of the elements that {@link formatTensor} reads:
 * all of them up to `threshold`, else the ends of each dimension. A device can copy out these alone.
 *
 * @example
 * import { summarizedIndices } from "@tead/tensor";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(summarizedIndices([2000]), [0, 1, 2, 1997, 1998, 1999]);
 */
export function summarizedIndices(
  shape: readonly number[],
  options: Partial<PrintOptions> = {},
): number[] {
  return printedIndices(shape, mergeOptions("summarizedIndices", getPrintOptions(), options));
}

function read(
  data: NonNullable<TensorText["data"]>,
  numel: number,
  indices: readonly number[],
): Element[] {
  if (typeof data === "function") return indices.map((index) => data(index));
  if (data.length !== numel) {
    throw new RangeError(
      `formatTensor: Cannot print the data: expected ${numel} elements, received ${data.length}`,
    );
  }
  return indices.map((index) => data[index]!);
}

function isDefault(dtype: DType): boolean {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

/** A shape in PyTorch's notation: (2, 3), (4,), (). */
function formatSize(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

function append(text: string, suffixes: readonly string[], lineWidth: number): string {
  // PyTorch counts the last line one or two characters longer than it is.
  let column = text.length - text.lastIndexOf("\n") + 1;
  let result = text;
  for (const suffix of suffixes) {
    if (column + suffix.length + 2 > lineWidth) {
      result += `,\n${" ".repeat(PREFIX.length)}${suffix}`;
      column = PREFIX.length + suffix.length;
    } else {
      result += `, ${suffix}`;
      column += suffix.length + 2;
    }
  }
  return `${result})`;
}
