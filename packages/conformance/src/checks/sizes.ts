// Sizes: no dims at all, no elements at all, and enough elements for every vector loop and its rest.
import { type DType, type Tensor, tensor } from "@tead/tensor";
import type { OpCase } from "../case.ts";
import { type Check, describeRow, eachDType, runOp } from "../check.ts";
import { expectShape, expectValues } from "../compare.ts";
import type { FixtureOperand, FixtureRow, FixtureTensor } from "../fixture.ts";
import { attrsOf, inferred, isFixtureTensor, operandsOf } from "../materialize.ts";
import { referenceBackend } from "../reference.ts";
import { expectOutputs } from "./forward.ts";

/** A row is repeated to this many elements at least: 4 vectors of 32 bytes, and a rest. */
const enough = 131;

/** A row of an elementwise op with every tensor resized alike. */
function resized(row: FixtureRow, of: (t: FixtureTensor) => FixtureTensor): FixtureRow {
  const inputs = row.inputs.map((x): FixtureOperand => (isFixtureTensor(x) ? of(x) : x));
  return { ...row, inputs, outputs: row.outputs.map(of) };
}

const scalar = (t: FixtureTensor): FixtureTensor => ({ ...t, shape: [], data: t.data.slice(0, 1) });
const nothing = (t: FixtureTensor): FixtureTensor => ({ ...t, shape: [0, 3], data: [] });
const many = (t: FixtureTensor): FixtureTensor => {
  const count = t.data.length === 0 ? 0 : Math.max(enough, t.data.length);
  const data = Array.from({ length: count }, (_, i) => t.data[i % t.data.length]);
  return { ...t, shape: [data.length], data: data as number[] };
};

const sameShapes = (row: FixtureRow): boolean => {
  const tensors = [...row.inputs.filter(isFixtureTensor), ...row.outputs];
  return tensors.every((t) => t.shape.join() === tensors[0]?.shape.join());
};

export const sizes: Check = {
  name: "sizes",
  applies: (c) => c.op.elementwise || isElementwiseFusion(c) || (c.large ?? []).length > 0,
  run: async (c, device) => {
    const rows = c.op.elementwise || isElementwiseFusion(c) ? c.rows.filter(sameShapes) : [];
    const resizedRows = await eachDType(c, device, rows, async (dtype, served) => {
      for (const row of served)
        for (const of of [scalar, nothing, many]) {
          const each = resized(row, of);
          const inputs = operandsOf(device, each, dtype);
          const outputs = runOp(c.op, inputs, attrsOf(each, dtype), device);
          await expectOutputs(describeRow(each), each, dtype, outputs, c);
        }
    });
    const large = (c.large ?? []).map((row) => ({ ...row, outputs: new Array(8).fill(none) }));
    const largeRows = await eachDType(c, device, large, async (dtype, served) => {
      for (const row of served) await tryLarge(c, device, dtype, row);
    });
    return [...resizedRows, ...largeRows];
  },
};

const none: FixtureTensor = { shape: [], data: [] };

/** clamp: elementwise in its values, though dispatch does not broadcast for it. */
const isElementwiseFusion = ({ op }: OpCase): boolean => op.name === "clamp";

/** A large row gives what the reference gives. */
async function tryLarge(
  c: OpCase,
  device: Parameters<Check["run"]>[1],
  dtype: DType,
  row: FixtureRow,
): Promise<void> {
  const reference = referenceBackend();
  const attrs = attrsOf(row, dtype);
  const outputs = runOp(c.op, operandsOf(device, row, dtype), attrs, device);
  const expected = runOp(c.op, operandsOf(reference, row, dtype), attrs, reference);
  for (const [i, each] of outputs.entries()) {
    const wanted = expected[i] as Tensor;
    expectShape(describeRow(row), each.shape, wanted.shape);
    await expectValues(describeRow(row), each, await wanted.data(), c.slack);
  }
}

export const numbers: Check = {
  name: "number operands",
  applies: ({ op }) => op.elementwise && op.inputs.length - op.unpromoted.length > 1,
  run: (c, device) =>
    eachDType(c, device, c.rows.filter(sameShapes), async (dtype, rows) => {
      for (const row of rows)
        for (const i of row.inputs.keys()) await tryNumber(c, device, dtype, row, i);
    }),
};

/** Some ops take their spec from one operand, or refuse a number for it: there it has no place. */
function takesNumber(
  c: OpCase,
  row: FixtureRow,
  dtype: DType,
  operand: number,
  value: number,
): boolean {
  try {
    const whole = inferred(c.op, row, dtype)[0];
    const short = inferred(c.op, { ...row, inputs: row.inputs.with(operand, value) }, dtype)[0];
    return short?.shape.join() === whole?.shape.join() && short?.dtype === whole?.dtype;
  } catch {
    return false;
  }
}

/** A number gives what a tensor full of it gives. */
async function tryNumber(
  c: OpCase,
  device: Parameters<Check["run"]>[1],
  dtype: DType,
  row: FixtureRow,
  operand: number,
): Promise<void> {
  const x = row.inputs[operand];
  const others = row.inputs.filter(
    (each, i) =>
      i !== operand && isFixtureTensor(each) && !c.op.unpromoted.includes(c.op.inputs[i] as string),
  );
  const promoted = !c.op.unpromoted.includes(c.op.inputs[operand] as string);
  const value = isFixtureTensor(x) ? x.data[0] : undefined;
  const plain = typeof value === "number" && (dtype !== "bool" || value === 0 || value === 1);
  if (!isFixtureTensor(x) || others.length === 0 || !promoted || !plain || dtype === "bool") return;
  if (!takesNumber(c, row, dtype, operand, value)) return;
  const inputs = operandsOf(device, row, dtype);
  const attrs = attrsOf(row, dtype);
  const full = tensor(new Array(x.data.length).fill(value), { dtype, device, shape: x.shape });
  const expected = runOp(c.op, inputs.with(operand, full), attrs, device)[0] as Tensor;
  const actual = runOp(c.op, inputs.with(operand, value), attrs, device)[0] as Tensor;
  const what = `${value} as ${c.op.inputs[operand]}, ${describeRow(row)}`;
  if (actual.dtype !== expected.dtype)
    throw new Error(`${what}: expected ${expected.dtype}, received ${actual.dtype}`);
  await expectValues(what, actual, await expected.data(), c.slack);
}
