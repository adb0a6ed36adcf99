// Precision and special values: float64 keeps its last bits, NaN and infinity reach every result
// that they have to. What they should give is said by the kit's own reference.
import { type Backend, type DType, isFloat, type Tensor } from "@tead/tensor";
import type { OpCase } from "../case.ts";
import { type Check, describeRow, eachDType, runOp } from "../check.ts";
import { expectValues } from "../compare.ts";
import type { FixtureOperand, FixtureRow, FixtureTensor } from "../fixture.ts";
import {
  attrsOf,
  dtypeIn,
  isFixtureTensor,
  mutatedPlaces,
  operandsOf,
  placeOf,
} from "../materialize.ts";
import { referenceBackend } from "../reference.ts";

const isFloatTensor = (x: FixtureOperand): x is FixtureTensor =>
  isFixtureTensor(x) && isFloat(dtypeIn(x, "float64"));

/** The row with `value` as the last element of an operand, of a list's last tensor. */
function withLast(row: FixtureRow, i: number, value: number): FixtureRow {
  const x = row.inputs[i] as FixtureTensor | readonly FixtureTensor[];
  const spoiled = (t: FixtureTensor): FixtureTensor => ({
    ...t,
    data: (t.data as number[]).with(-1, value),
  });
  const changed = isFixtureTensor(x) ? spoiled(x) : x.with(-1, spoiled(x.at(-1) as FixtureTensor));
  return { ...row, inputs: row.inputs.with(i, changed) };
}

const plainRows = ({ rows }: OpCase): FixtureRow[] =>
  rows.filter(
    (row) => row.kind === "float" && !row.special && row.inputs.flat().some(isFloatTensor),
  );

export const precision: Check = {
  name: "precision",
  applies: (c) => c.op.kind !== "view" && plainRows(c).length > 0,
  run: (c, device) =>
    eachDType(
      c,
      device,
      plainRows(c).slice(0, 3),
      async (dtype, rows) => {
        for (const row of rows)
          await tryReference(c, device, dtype, fine(row), "with long fractions");
      },
      ["float64"],
    ),
};

/** The values moved by less than float32 can tell. */
function fine(row: FixtureRow): FixtureRow {
  const inputs = row.inputs.map((x): FixtureOperand => {
    if (Array.isArray(x)) return x.map((t) => fineTensor(t as FixtureTensor));
    return isFloatTensor(x) ? fineTensor(x) : x;
  });
  return { ...row, inputs };
}
const fineTensor = (t: FixtureTensor): FixtureTensor => ({
  ...t,
  data: t.data.map((x, i) => Number(x) * (1 + 2 ** -30 + i * 2 ** -36)),
});

export const specialValues: Check = {
  name: "NaN and infinity",
  applies: (c) => c.op.kind !== "view" && plainRows(c).length > 0,
  run: (c, device) =>
    eachDType(
      c,
      device,
      plainRows(c).slice(0, 2),
      async (dtype, rows) => {
        for (const row of rows)
          for (const [i, x] of row.inputs.entries()) {
            const spreads = c.spreads?.some((name) => placeOf(c.op, name) === i) === true;
            const last = Array.isArray(x) ? (x as readonly FixtureTensor[]).at(-1) : x;
            if (!isFloatTensor(last) || last.data.length === 0 || spreads) continue;
            for (const [name, value] of [
              ["NaN", Number.NaN],
              ["infinity", Number.POSITIVE_INFINITY],
            ] as const) {
              const changed = withLast(row, i, value);
              await tryReference(c, device, dtype, changed, `with ${name} in ${c.op.inputs[i]}`);
            }
          }
      },
      ["float32", "float64"],
    ),
};

/** A name for each tensor that an op writes. */
function writtenNames(op: OpCase["op"], row: FixtureRow): string[] {
  return mutatedPlaces(op).flatMap((i, at) =>
    [row.inputs[i] ?? []].flat().map(() => op.mutates[at] as string),
  );
}

async function tryReference(
  c: OpCase,
  device: Backend,
  dtype: DType,
  row: FixtureRow,
  how: string,
): Promise<void> {
  const reference = referenceBackend();
  const attrs = attrsOf(row, dtype);
  const actual = runOp(c.op, operandsOf(device, row, dtype), attrs, device);
  const expected = runOp(c.op, operandsOf(reference, row, dtype), attrs, reference);
  const names = [...c.op.outputs, ...writtenNames(c.op, row)];
  for (const [i, each] of actual.entries()) {
    const what = `${names[i] ?? i} ${how}, ${describeRow(row)}`;
    await expectValues(what, each, await (expected[i] as Tensor).data(), c.slack);
  }
}
