// Layouts: operands that lie transposed, sliced or expanded in their storage, and outputs that do.
import {
  type AnyOp,
  type Backend,
  type DType,
  dispatchInto,
  noGrad,
  type RecordedInput,
  type Tensor,
  type TensorSpec,
  tensor,
} from "@tead/tensor";
import type { OpCase } from "../case.ts";
import { type Check, callKernel, describeRow, eachDType, runOp, sampleDTypes } from "../check.ts";
import { difference, expectValues, toleranceOf } from "../compare.ts";
import type { FixtureOperand, FixtureRow, FixtureTensor } from "../fixture.ts";
import {
  attrsOf,
  eachPosition,
  inferred,
  isFixtureTensor,
  type Layout,
  mutatedPlaces,
  operandsOf,
} from "../materialize.ts";
import { expectOutputs } from "./forward.ts";

const layouts: readonly Layout[] = ["transposed", "sliced", "expanded"];

export const layoutsCheck: Check = {
  name: "layouts",
  applies: (c) => c.op.kind !== "view" && c.op.inputs.length > 0,
  run: (c, device) =>
    eachDType(
      c,
      device,
      distinctRows(c),
      (dtype, rows) => tryLayouts(c, device, dtype, rows),
      sampleDTypes,
    ),
};

const distinctRows = ({ rows }: OpCase): FixtureRow[] => rows.filter((row) => !row.fixedLayout);

async function tryLayouts(
  c: OpCase,
  device: Backend,
  dtype: DType,
  rows: readonly FixtureRow[],
): Promise<void> {
  for (const row of rows) {
    for (const layout of ["transposed", "sliced"] as const) {
      const outputs = runRow(c.op, device, row, dtype, () => layout);
      await expectOutputs(`${layout} ${describeRow(row)}`, row, dtype, outputs, c);
    }
    // Each operand in a layout of its own; below, each one expanded alone.
    const mixed = runRow(c.op, device, row, dtype, (i) => layouts[i % 2] as Layout);
    await expectOutputs(`mixed layouts of ${describeRow(row)}`, row, dtype, mixed, c);
  }
  for (const row of rows.filter((each) => !each.special))
    for (const i of row.inputs.keys()) await tryExpanded(c, device, dtype, row, i);
}

function runRow(
  op: AnyOp,
  device: Backend,
  row: FixtureRow,
  dtype: DType,
  layout: (operand: number) => Layout,
): readonly Tensor[] {
  return runOp(op, operandsOf(device, row, dtype, layout), attrsOf(row, dtype), device);
}

/** An expanded operand gives what the same values give when each has its own place. */
async function tryExpanded(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
  operand: number,
): Promise<void> {
  const values = row.inputs[operand];
  // What is written must have a place for each element.
  if (!expandable(values) || mutatedPlaces(c.op).includes(operand)) return;
  const inputs = row.inputs.map((x, i) => (i === operand ? repeated(x) : x));
  const whole = { ...row, inputs };
  const expected = runRow(c.op, device, whole, dtype, () => "contiguous");
  const actual = runRow(c.op, device, whole, dtype, (i) =>
    i === operand ? "expanded" : "contiguous",
  );
  for (const [i, each] of actual.entries())
    await expectValues(
      `operand ${c.op.inputs[operand]} expanded, ${describeRow(row)}`,
      each,
      await (expected[i] as Tensor).data(),
      c.slack,
    );
}

const expandable = (x: FixtureOperand): boolean =>
  isFixtureTensor(x) ? (x.shape[0] ?? 0) > 1 && x.data.length > 1 : Array.isArray(x);

function repeated(x: FixtureOperand): FixtureOperand {
  if (Array.isArray(x)) return x.map((t) => repeated(t) as FixtureTensor);
  if (!isFixtureTensor(x) || (x.shape[0] ?? 0) < 1) return x;
  const rowLength = x.data.length / (x.shape[0] as number);
  return { ...x, data: x.data.map((_, i) => x.data[i % rowLength] as number) };
}

export const outputsCheck: Check = {
  name: "strided outputs",
  applies: (c) => c.op.kind !== "view" && c.op.outputs.length > 0,
  run: (c, device) =>
    eachDType(
      c,
      device,
      distinctRows(c),
      async (dtype, rows) => {
        for (const row of rows)
          for (const layout of ["transposed", "sliced"] as const)
            await tryOutput(c, device, dtype, row, layout);
      },
      sampleDTypes,
    ),
};

/** Writes into a part of a larger storage: the right elements change, and no other. */
async function tryOutput(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
  layout: "transposed" | "sliced",
): Promise<void> {
  const { op } = c;
  const several = op.outputs.length > 1;
  // A kernel alone takes several targets; a decomposition makes its own.
  if (several && !(op.name in device.kernels)) return;
  const windows = inferred(op, row, dtype).map((spec) => openWindow(device, spec, layout));
  const inputs = operandsOf(device, row, dtype);
  const targets = windows.map(({ target }) => target);
  const attrs = attrsOf(row, dtype);
  if (several) callKernel(device, op, inputs, attrs, targets);
  else intoTarget(op, inputs, attrs, targets[0] as Tensor);
  for (const [i, { storage, before, place }] of windows.entries()) {
    const spec = targets[i] as Tensor;
    const wanted = [...before];
    eachPosition(spec.shape, place.strides, place.offset, (position, at) => {
      wanted[position] = (row.outputs[i] as FixtureTensor).data[at] as number | bigint;
    });
    const found = difference(await storage.data(), wanted, toleranceOf(spec.dtype, c.slack));
    if (found !== undefined)
      throw new Error(`${layout} ${op.outputs[i]}, ${describeRow(row)}: ${found} of the storage`);
  }
}

interface Window {
  readonly storage: Tensor;
  readonly before: readonly (number | bigint)[];
  readonly target: Tensor;
  readonly place: { readonly strides: number[]; readonly offset: number };
}

/** A target within a larger storage of known values. */
function openWindow(
  device: Backend,
  { shape, dtype }: TensorSpec,
  layout: "transposed" | "sliced",
): Window {
  const place = windowOf(shape, layout);
  const before = Array.from({ length: place.count }, (_, i) => sentinel(i, dtype));
  const storage = tensor(before as number[], { dtype, device });
  return { storage, before, place, target: storage.asStrided(shape, place.strides, place.offset) };
}

/** A value that a kernel is unlikely to write by chance. */
const sentinel = (i: number, dtype: DType): number | bigint =>
  dtype === "bool" ? i % 2 : dtype === "int64" ? BigInt(90 + (i % 7)) : 90 + (i % 7);

function windowOf(
  shape: readonly number[],
  layout: "transposed" | "sliced",
): { strides: number[]; offset: number; count: number } {
  const order = shape.map((_, i) => (layout === "transposed" ? i : shape.length - 1 - i));
  const strides = new Array<number>(shape.length);
  let stride = layout === "sliced" ? 2 : 1;
  for (const dim of order) {
    strides[dim] = stride;
    stride *= Math.max(shape[dim] as number, 1) + (layout === "sliced" ? 1 : 0);
  }
  return { strides, offset: 3, count: 3 + stride + 2 };
}

/** Runs an op so that its result lands in `target`. */
export function intoTarget(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  attrs: unknown,
  target: Tensor,
): void {
  noGrad(() => dispatchInto(op, inputs as never, attrs, target));
}
