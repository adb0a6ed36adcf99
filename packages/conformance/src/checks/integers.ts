// Integers where other numbers give out: beyond what float32 counts, and the upper half of a byte.
// What they should give is said by the kit's own reference.
import type { Backend, DType, Tensor } from "@tead/tensor";
import type { OpCase } from "../case.ts";
import { type Check, describeRow, eachDType, runOp } from "../check.ts";
import { expectValues } from "../compare.ts";
import type { FixtureOperand, FixtureRow, FixtureTensor } from "../fixture.ts";
import { attrsOf, isFixtureTensor, operandsOf } from "../materialize.ts";
import { referenceBackend } from "../reference.ts";

const integerRows = ({ rows }: OpCase): FixtureRow[] =>
  rows.filter((row) => row.kind === "int" && !row.special && row.inputs.flat().some(isOpen));

/** Whether a tensor has the dtype under test. */
const isOpen = (x: FixtureOperand): x is FixtureTensor =>
  isFixtureTensor(x) && x.dtype === undefined;

export const integers: Check = {
  name: "large integers and high bytes",
  applies: (c) => c.op.kind !== "view" && integerRows(c).length > 0,
  run: (c, device) => {
    const rows = integerRows(c).slice(0, 3);
    const changed = rows.flatMap((row) => [
      withValues(row, "uint8", () => highByte),
      withValues(row, "int32", () => large),
      // Products stay in range where one factor is small.
      withValues(row, "int32", (operand) => (operand === 0 ? large : undefined)),
    ]);
    return eachDType(c, device, changed, async (dtype, served) => {
      for (const row of served) await tryRow(c, device, dtype, row);
    });
  },
};

/** Different for neighbours, and above 127 about as often as not. */
const highByte = (x: number, i: number): number => (Math.abs(x) * 37 + i * 29 + 130) % 256;

/** Odd and above 2 ** 24, which no float32 is. */
const large = (x: number, i: number): number =>
  (x < 0 ? -1 : 1) * (2 ** 24 + 1 + 2 * ((Math.abs(x) * 7 + i) % 1000));

type Change = (value: number, i: number) => number;

function withValues(
  row: FixtureRow,
  kind: DType,
  changeOf: (operand: number) => Change | undefined,
): FixtureRow {
  const inputs = row.inputs.map((x, operand): FixtureOperand => {
    const change = changeOf(operand);
    const changed = (t: FixtureTensor): FixtureTensor =>
      change === undefined ? t : { ...t, data: t.data.map((v, i) => change(Number(v), i)) };
    if (Array.isArray(x)) return (x as readonly FixtureTensor[]).map(changed);
    return isOpen(x) ? changed(x) : x;
  });
  return { ...row, kind, inputs, outputs: new Array(5).fill({ shape: [], data: [] }) };
}

async function tryRow(c: OpCase, device: Backend, dtype: DType, row: FixtureRow): Promise<void> {
  const attrs = attrsOf(row, dtype);
  const reference = referenceBackend();
  let expected: readonly Tensor[];
  try {
    expected = runOp(c.op, operandsOf(reference, row, dtype), attrs, reference);
  } catch {
    // Out of range: the error cases ask for that.
    return;
  }
  const actual = runOp(c.op, operandsOf(device, row, dtype), attrs, device);
  for (const [i, each] of actual.entries()) {
    const wanted = expected[i] as Tensor;
    if (each.dtype !== wanted.dtype)
      throw new Error(`${describeRow(row)}: expected ${wanted.dtype}, received ${each.dtype}`);
    await expectValues(describeRow(row), each, await wanted.data(), c.slack);
  }
}
