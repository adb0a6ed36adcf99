// Aliasing: operands that share memory with each other or with the output. The result is as if
// every input had been read first.
import {
  type Backend,
  contiguousStrides,
  type DType,
  numelOf,
  type RecordedInput,
  type Tensor,
  tensor,
} from "@tead/tensor";
import type { OpCase } from "../case.ts";
import { type Check, callKernel, describeRow, eachDType, runOp, sampleDTypes } from "../check.ts";
import { expectValues } from "../compare.ts";
import type { FixtureRow, FixtureTensor } from "../fixture.ts";
import { attrsOf, dtypeIn, inferred, isFixtureTensor, operandsOf } from "../materialize.ts";
import { expectOutputs } from "./forward.ts";
import { intoTarget } from "./layouts.ts";

export const aliasing: Check = {
  name: "aliased operands",
  applies: ({ op }) => op.kind !== "view" && op.outputs.length > 0 && op.inputs.length > 0,
  run: (c, device) =>
    eachDType(
      c,
      device,
      c.rows.filter((row) => !row.fixedLayout),
      async (dtype, rows) => {
        for (const row of rows) await tryRow(c, device, dtype, row);
      },
      sampleDTypes,
    ),
};

async function tryRow(c: OpCase, device: Backend, dtype: DType, row: FixtureRow): Promise<void> {
  await trySameOperand(c, device, dtype, row);
  if (c.op.outputs.length > 1) {
    await trySeveral(c, device, dtype, row);
    return;
  }
  const spec = inferred(c.op, row, dtype)[0];
  if (spec === undefined) return;
  for (const [i, x] of row.inputs.entries()) {
    if (!isFixtureTensor(x) || dtypeIn(x, dtype) !== spec.dtype || x.data.length === 0) continue;
    if (x.shape.join() === spec.shape.join()) await tryInPlace(c, device, dtype, row, i);
    await tryOverlap(c, device, dtype, row, i, x, spec.shape);
  }
}

/** One tensor as two operands. */
async function trySameOperand(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
): Promise<void> {
  const [a, b] = row.inputs;
  const alike =
    isFixtureTensor(a) &&
    isFixtureTensor(b) &&
    a.shape.join() === b.shape.join() &&
    dtypeIn(a, dtype) === dtypeIn(b, dtype);
  if (!alike || row.special) return;
  const apart = operandsOf(device, { ...row, inputs: row.inputs.with(1, a) }, dtype);
  const together = apart.with(1, apart[0]);
  const attrs = attrsOf(row, dtype);
  const expected = await (runOp(c.op, apart, attrs, device)[0] as Tensor).data();
  const actual = runOp(c.op, together, attrs, device)[0] as Tensor;
  await expectValues(`one tensor twice, ${describeRow(row)}`, actual, expected, c.slack);
}

/** The result over the operand itself. */
async function tryInPlace(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
  operand: number,
): Promise<void> {
  const inputs = operandsOf(device, row, dtype);
  const target = inputs[operand] as Tensor;
  intoTarget(c.op, inputs, attrsOf(row, dtype), target);
  const what = `in place over ${c.op.inputs[operand]}, ${describeRow(row)}`;
  await expectOutputs(what, row, dtype, [target], c);
}

/** With several outputs: each in turn over the memory of the first operand. */
async function trySeveral(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
): Promise<void> {
  if (!(c.op.name in device.kernels)) return;
  const specs = inferred(c.op, row, dtype);
  for (const [operand, x] of row.inputs.entries())
    for (const [o, spec] of specs.entries()) {
      if (!isFixtureTensor(x) || dtypeIn(x, dtype) !== spec.dtype || x.data.length === 0) continue;
      const count = Math.max(x.data.length, numelOf(spec.shape)) + 1;
      const values = Array.from({ length: count }, (_, i) => x.data[i] ?? x.data[0]);
      const storage = tensor(values as number[], { dtype: spec.dtype, device });
      const source = storage.asStrided(x.shape, contiguousStrides(x.shape), 0);
      const outputs = specs.map((each, i) =>
        i === o
          ? storage.asStrided(each.shape, contiguousStrides(each.shape), 1)
          : tensor(new Array(numelOf(each.shape)).fill(0), { ...each, device }),
      );
      const inputs = operandsOf(device, row, dtype).with(operand, source);
      callKernel(device, c.op, inputs, attrsOf(row, dtype), outputs);
      const what = `${c.op.outputs[o]} over the memory of ${c.op.inputs[operand]}, ${describeRow(row)}`;
      await expectOutputs(what, row, dtype, outputs, c);
    }
}

/** The result over a part of the operand's memory, shifted either way, and in another order. */
async function tryOverlap(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
  operand: number,
  x: FixtureTensor,
  shape: readonly number[],
): Promise<void> {
  const plain = contiguousStrides(shape);
  const reversed = contiguousStrides([...shape].reverse()).reverse();
  const places = [
    { name: "one element on", from: 0, to: 1, strides: plain },
    { name: "one element back", from: 1, to: 0, strides: plain },
    { name: "in another order", from: 0, to: 0, strides: reversed },
  ];
  for (const { name, from, to, strides } of places) {
    const count = Math.max(x.data.length, numelOf(shape)) + 1;
    const values = Array.from({ length: count }, (_, i) => x.data[i - from] ?? x.data[0]);
    const storage = tensor(values as number[], { dtype: dtypeIn(x, dtype), device });
    const source = storage.asStrided(x.shape, contiguousStrides(x.shape), from);
    const target = storage.asStrided(shape, strides, to);
    const inputs: RecordedInput[] = operandsOf(device, row, dtype).with(operand, source);
    intoTarget(c.op, inputs, attrsOf(row, dtype), target);
    const what = `over the memory of ${c.op.inputs[operand]} ${name}, ${describeRow(row)}`;
    await expectOutputs(what, row, dtype, [target], c);
  }
}
