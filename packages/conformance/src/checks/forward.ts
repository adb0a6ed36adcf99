// Forward: every row of PyTorch's numbers, in every dtype that the backend claims.
import { type DType, isFloat, type Tensor } from "@tead/tensor";
import { type Check, describeRow, eachDType, runOp } from "../check.ts";
import { expectShape, expectValues } from "../compare.ts";
import type { FixtureRow } from "../fixture.ts";
import { attrsOf, inferred, isFixtureTensor, operandsOf } from "../materialize.ts";

const integers: readonly DType[] = ["int64", "int16", "int8", "uint8"];

/** Whether the row has an index operand, whose dtype is free. */
function hasIndex(row: FixtureRow): boolean {
  return row.inputs.some((x) => isFixtureTensor(x) && x.dtype === "index");
}

export const forward: Check = {
  name: "forward",
  applies: () => true,
  run: (c, device) =>
    eachDType(c, device, c.rows, async (dtype, rows) => {
      for (const row of rows) await forwardRow(row, dtype, "int32");
      const indexed = rows.find(hasIndex);
      if (indexed === undefined || !(isFloat(dtype) || dtype === "int32")) return;
      const negative = indexed.inputs.some(
        (x) => isFixtureTensor(x) && x.dtype === "index" && x.data.some((v) => v < 0),
      );
      for (const index of integers)
        if (device.capabilities.dtypes.includes(index) && !(negative && index === "uint8"))
          await forwardRow(indexed, dtype, index);

      async function forwardRow(row: FixtureRow, of: DType, index: DType): Promise<void> {
        const inputs = operandsOf(device, row, of, undefined, index);
        const outputs = runOp(c.op, inputs, attrsOf(row, of), device);
        const what = `${describeRow(row)}${index === "int32" ? "" : ` with ${index} indices`}`;
        await expectOutputs(what, row, of, outputs, c);
      }
    }),
};

/** Throws where outputs are not what the row says, or not what the op's shape rule says. */
export async function expectOutputs(
  what: string,
  row: FixtureRow,
  dtype: DType,
  outputs: readonly Tensor[],
  { op, slack }: { op: Parameters<typeof inferred>[0]; slack?: number },
): Promise<void> {
  const specs = inferred(op, row, dtype);
  for (const [i, expected] of row.outputs.entries()) {
    const actual = outputs[i];
    const spec = specs[i];
    if (actual === undefined || spec === undefined)
      throw new Error(
        `${what}: expected ${row.outputs.length} outputs, received ${outputs.length}`,
      );
    const named = row.outputs.length === 1 ? what : `${what}, output ${op.outputs[i] ?? i}`;
    expectShape(named, actual.shape, spec.shape);
    expectShape(named, actual.shape, expected.shape);
    if (actual.dtype !== spec.dtype)
      throw new Error(`${named}: expected ${spec.dtype}, received ${actual.dtype}`);
    await expectValues(named, actual, expected.data, slack);
  }
}
