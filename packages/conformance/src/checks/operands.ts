// What a kernel must leave alone: the operands that it only reads, and what lies beside the ones that
// it updates.
import {
  type AnyOp,
  type Backend,
  type DType,
  type RecordedInput,
  Tensor,
  type TypedArray,
} from "@tead/tensor";
import type { OpCase } from "../case.ts";
import { type Check, describeRow, eachDType, runOp } from "../check.ts";
import { difference } from "../compare.ts";
import type { FixtureRow } from "../fixture.ts";
import { attrsOf, eachPosition, type Layout, mutatedPlaces, operandsOf } from "../materialize.ts";

/** The first rows say it: a kernel that writes where it should read does so in every row. */
const layouts: readonly Layout[] = ["contiguous", "sliced", "transposed"];

export const operandsCheck: Check = {
  name: "operands left alone",
  applies: ({ op }) => op.kind !== "view" && op.inputs.length > 0,
  run: (c, device) =>
    eachDType(
      c,
      device,
      c.rows.filter((row) => !row.fixedLayout),
      async (dtype, rows) => {
        for (const [i, layout] of layouts.entries()) {
          const row = rows[i % rows.length] as FixtureRow;
          await tryRow(c, device, dtype, row, layout);
        }
      },
      ["float32", "float16", "int32", "bool"],
    ),
};

async function tryRow(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
  layout: Layout,
): Promise<void> {
  const inputs = operandsOf(device, row, dtype, () => layout);
  const given = tensorsOf(c.op, inputs);
  const before = given.map(({ tensor }) => wholeOf(tensor));
  runOp(c.op, inputs, attrsOf(row, dtype), device);
  const after = given.map(({ tensor }) => wholeOf(tensor));
  for (const [i, { tensor, name, updated }] of given.entries()) {
    const [had, has] = [await before[i], await after[i]] as [TypedArray, TypedArray];
    // What the op updates may change, and nothing else of its storage.
    const { shape, strides, offset } = tensor;
    if (updated)
      eachPosition(shape, strides, offset, (position) => {
        has[position] = had[position] as never;
      });
    const found = difference(has, had, { rtol: 0, atol: 0 });
    if (found !== undefined)
      throw new Error(`${layout} ${name} is written, ${describeRow(row)}: ${found} of the storage`);
  }
}

/** Every element of a tensor's storage, as it is at the time of the call. */
function wholeOf(x: Tensor): Promise<TypedArray> {
  return x.asStrided([x.storage.count], [1], 0).data();
}

function tensorsOf(
  op: AnyOp,
  inputs: readonly RecordedInput[],
): { tensor: Tensor; name: string; updated: boolean }[] {
  const updated = mutatedPlaces(op);
  return inputs.flatMap((x, i) =>
    [x]
      .flat()
      .flatMap((each) =>
        each instanceof Tensor
          ? [{ tensor: each, name: op.inputs[i] ?? String(i), updated: updated.includes(i) }]
          : [],
      ),
  );
}
