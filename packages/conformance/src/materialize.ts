// From a row of numbers to tensors on a device: which dtypes a row serves, how its operands lie in memory.
import {
  type AnyOp,
  type Backend,
  byteLengthOf,
  categoryOf,
  contiguousStrides,
  type DType,
  isFloat,
  numelOf,
  ops,
  type RecordedInput,
  type Shape,
  type Tensor,
  type TensorSpec,
  tensor,
} from "@tead/tensor";
import type { FixtureOperand, FixtureRow, FixtureTensor } from "./fixture.ts";

/** How an operand lies in its storage. */
export type Layout = "contiguous" | "transposed" | "sliced" | "expanded";

export const isFixtureTensor = (x: FixtureOperand): x is FixtureTensor =>
  typeof x === "object" && !Array.isArray(x);

/** The dtype of a row's tensor where `dtype` is under test. */
export function dtypeIn(t: FixtureTensor, dtype: DType, index: DType = "int32"): DType {
  return t.dtype === "index" ? index : (t.dtype ?? dtype);
}

/** The attributes with their placeholders filled in. */
export function attrsOf(row: FixtureRow, dtype: DType): Readonly<Record<string, unknown>> {
  const fill = (value: unknown): unknown => {
    if (value === "$same") return dtype;
    if (value === "$sum") return isFloat(dtype) || dtype === "int64" ? dtype : "int32";
    if (typeof value === "string" && value.startsWith("$op:")) return opNamed(value.slice(4));
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
    return value;
  };
  return fill(row.attrs ?? {}) as Readonly<Record<string, unknown>>;
}

function opNamed(name: string): AnyOp {
  return (ops as unknown as Readonly<Record<string, AnyOp>>)[`${name}Op`] as AnyOp;
}

/** Where the operands stand that an op writes. */
export function mutatedPlaces(op: AnyOp): number[] {
  return op.mutates.map((name) => placeOf(op, name));
}

/** Where the operand of a name stands. */
export function placeOf(op: AnyOp, name: string): number {
  const names: readonly string[] = op.inputs;
  return names.findIndex((each) => each.replace(/^\.\.\.|\?$/g, "") === name);
}

/** What dispatch would say of a row's outputs, and of the operands that the op writes. */
export function inferred(op: AnyOp, row: FixtureRow, dtype: DType): readonly TensorSpec[] {
  const spec = (x: FixtureOperand): unknown => {
    if (Array.isArray(x)) return x.map(spec);
    if (isFixtureTensor(x))
      return {
        shape: x.shape,
        dtype: dtypeIn(x, dtype),
        strides: contiguousStrides(x.shape),
        offset: 0,
      };
    if (x === undefined) return undefined;
    const weak = typeof x === "boolean" ? "bool" : Number.isInteger(x) ? "int32" : "float32";
    return { shape: [], dtype: weak, weak: true };
  };
  const outputs = op.infer(row.inputs.map(spec) as never, attrsOf(row, dtype));
  const written = mutatedPlaces(op)
    .flatMap((i) => (row.inputs[i] ?? []) as FixtureTensor | readonly FixtureTensor[])
    .map((x) => ({ shape: x.shape, dtype: dtypeIn(x, dtype) }));
  return [...outputs, ...written];
}

/** The dtypes of `claimed` that a row serves: of its kind, and wide enough for its numbers. */
export function dtypesOf(op: AnyOp, row: FixtureRow, claimed: readonly DType[]): readonly DType[] {
  const { kind } = row;
  const category = kind === "int" ? "integer" : kind;
  return claimed.filter((dtype) => {
    if (dtype !== kind && categoryOf(dtype) !== category) return false;
    const tensors = row.inputs.flat().filter(isFixtureTensor);
    const specs = inferred(op, row, dtype);
    return (
      tensors.every((t) => claimed.includes(dtypeIn(t, dtype)) && fits(t, dtypeIn(t, dtype))) &&
      specs.every((s, i) => claimed.includes(s.dtype) && fits(row.outputs[i], s.dtype))
    );
  });
}

/** Whether a row's numbers are exact in an integer dtype; floats round. */
function fits(t: FixtureTensor | undefined, dtype: DType): boolean {
  if (t === undefined) return false;
  if (isFloat(dtype)) return true;
  if (dtype === "int64") return true;
  const bits = byteLengthOf(dtype) * 8;
  const signed = dtype.startsWith("i");
  const [low, high] =
    dtype === "bool"
      ? [0, 1]
      : signed
        ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
        : [0, 2 ** bits - 1];
  return t.data.every((x) => Number(x) >= low && Number(x) <= high);
}

/** The value that stands where no kernel may look: it would spoil what it touches. */
function poison(dtype: DType, role: FixtureTensor["dtype"]): number {
  if (isFloat(dtype)) return Number.NaN;
  if (role === "index") return dtype === "uint8" || dtype === "int8" ? 127 : 32767;
  return dtype === "bool" ? 1 : 101;
}

/** Where each element of a layout lies, and how large its storage is. */
function geometryOf(
  shape: Shape,
  layout: Layout,
): { strides: number[]; offset: number; count: number } {
  const rank = shape.length;
  if (layout === "transposed") {
    const strides = contiguousStrides([...shape].reverse()).reverse();
    return { strides, offset: 0, count: numelOf(shape) };
  }
  if (layout === "sliced") {
    // Every second element of a wider last dim, and one row more before and after.
    const wide = shape.map((size, i) => (i === rank - 1 ? 2 * size + 1 : size + 1));
    const plain = contiguousStrides(wide);
    const strides = plain.map((stride, i) => (i === rank - 1 ? 2 * stride : stride));
    const offset = rank === 0 ? 3 : plain.reduce((sum, stride) => sum + stride, 0);
    return { strides, offset, count: Math.max(numelOf(wide), 1) + offset + 1 };
  }
  return { strides: contiguousStrides(shape), offset: 0, count: numelOf(shape) };
}

/** Calls `visit` with the storage position of each element in row-major order. */
export function eachPosition(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  visit: (position: number, i: number) => void,
): void {
  const count = numelOf(shape);
  const own = contiguousStrides(shape);
  for (let i = 0; i < count; i++) {
    let at = offset;
    for (let d = 0; d < shape.length; d++)
      at += (Math.floor(i / (own[d] as number)) % (shape[d] as number)) * (strides[d] as number);
    visit(at, i);
  }
}

/** A tensor of a row on a device, laid out as asked. */
export function place(
  device: Backend,
  t: FixtureTensor,
  dtype: DType,
  layout: Layout = "contiguous",
): Tensor {
  const { shape } = t;
  if (layout === "contiguous") return tensor(t.data as number[], { dtype, device, shape });
  if (layout === "expanded") {
    // Element 0 of dim 0 stands for all of it.
    const [size = 1, ...rest] = shape;
    const row = t.data.slice(0, numelOf(rest)) as number[];
    if (shape.length === 0 || size === 0) return place(device, t, dtype);
    return tensor(row, { dtype, device, shape: [1, ...rest] }).expand(shape);
  }
  const { strides, offset, count } = geometryOf(shape, layout);
  const values = new Array<number | bigint>(count).fill(poison(dtype, t.dtype));
  eachPosition(shape, strides, offset, (position, i) => {
    values[position] = t.data[i] as number | bigint;
  });
  return tensor(values as number[], { dtype, device, shape: [count] }).asStrided(
    shape,
    strides,
    offset,
  );
}

/** A row's operands on a device; `layout` says for each how it lies. */
export function operandsOf(
  device: Backend,
  row: FixtureRow,
  dtype: DType,
  layout: (operand: number) => Layout = () => "contiguous",
  index: DType = "int32",
): RecordedInput[] {
  return row.inputs.map((x, i) => {
    if (Array.isArray(x))
      return (x as readonly FixtureTensor[]).map((t) =>
        place(device, t, dtypeIn(t, dtype, index), layout(i)),
      );
    if (!isFixtureTensor(x)) return x as number | boolean | undefined;
    return place(device, x, dtypeIn(x, dtype, index), layout(i));
  });
}
