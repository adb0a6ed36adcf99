// Values that a kernel must refuse: indices and classes out of range, sums that leave their dtype.
import type { Backend, DType, FailureCode, Tensor } from "@tead/tensor";
import type { CheckedOperand, ErrorCase, OpCase } from "../case.ts";
import { attempt, type Check, describeRow, type Finding, runOp } from "../check.ts";
import type { FixtureRow, FixtureTensor } from "../fixture.ts";
import { attrsOf, dtypesOf, isFixtureTensor, operandsOf } from "../materialize.ts";
import { expectOutputs } from "./forward.ts";

const messages: Partial<Record<FailureCode, RegExp>> = {
  indexOutOfRange: /Index is out of range/,
  // A decomposition picks classes by index.
  classOutOfRange: /(Class target|Index) is out of range/,
};

export const errors: Check = {
  name: "errors",
  applies: (c) => c.checked !== undefined || (c.errors ?? []).length > 0,
  run: async (c, device) => {
    const findings: Finding[] = [];
    if (c.checked !== undefined)
      findings.push(await attempt(() => tryChecked(c, c.checked as CheckedOperand, device)));
    for (const each of c.errors ?? [])
      if (isAsked(each, device)) findings.push(await attempt(() => tryError(c, device, each)));
    return findings;
  },
};

const isAsked = ({ dtype, syncOnly = false }: ErrorCase, { capabilities }: Backend): boolean =>
  capabilities.dtypes.includes(dtype) && (capabilities.syncRead || !syncOnly);

/** Each row with one index replaced: the last good ones pass, the first bad ones are refused. */
async function tryChecked(
  c: OpCase,
  { operand, size, negative, code }: CheckedOperand,
  device: Backend,
): Promise<void> {
  for (const row of c.rows) {
    const index = row.inputs[operand];
    if (!isFixtureTensor(index) || index.data.length === 0 || row.special) continue;
    const dtype = dtypesOf(c.op, row, device.capabilities.dtypes)[0];
    if (dtype === undefined) continue;
    const limit = size(row);
    const positions = [0, index.data.length - 1];
    for (const position of positions)
      for (const layout of ["contiguous", "sliced"] as const) {
        for (const bad of [limit, limit + 1000, ...belowAll(limit, negative)]) {
          const what = `${code} ${bad} at ${position} (${layout}), ${describeRow(row)}`;
          const inputs = operandsOf(
            device,
            replaced(row, operand, position, bad),
            dtype,
            () => layout,
          );
          await expectRefusal(
            what,
            c,
            device,
            inputs,
            attrsOf(row, dtype),
            messages[code] ?? /./,
            position,
          );
        }
        for (const good of [limit - 1, 0, ...(negative ? [-limit, -1] : [])]) {
          const inputs = operandsOf(
            device,
            replaced(row, operand, position, good),
            dtype,
            () => layout,
          );
          await read(runOp(c.op, inputs, attrsOf(row, dtype), device), device);
        }
      }
    // A refusal leaves the device as it was.
    const outputs = runOp(c.op, operandsOf(device, row, dtype), attrsOf(row, dtype), device);
    await expectOutputs(`after a refusal, ${describeRow(row)}`, row, dtype, outputs, c);
  }
}

/** The first value below those that are taken. */
function belowAll(limit: number, negative: boolean | undefined): number[] {
  if (negative === undefined) return [];
  return [negative ? -limit - 1 : -1];
}

function replaced(row: FixtureRow, operand: number, position: number, value: number): FixtureRow {
  const index = row.inputs[operand] as FixtureTensor;
  const changed = { ...index, data: index.data.with(position, value) };
  return { ...row, inputs: row.inputs.with(operand, changed) };
}

async function tryError(c: OpCase, device: Backend, each: ErrorCase): Promise<void> {
  const { dtype, inputs, attrs, message, position } = each;
  const row: FixtureRow = { kind: dtype, inputs, attrs, outputs: [] };
  const operands = operandsOf(device, row, dtype as DType);
  await expectRefusal(each.name, c, device, operands, attrsOf(row, dtype), message, position);
}

/** Waits for everything that an op has to do. */
async function read(outputs: readonly Tensor[], device: Backend): Promise<void> {
  for (const output of outputs) await output.data();
  await device.sync?.();
}

/** Throws unless the op is refused, at once or by the time its result is there. */
async function expectRefusal(
  what: string,
  c: OpCase,
  device: Backend,
  inputs: ReturnType<typeof operandsOf>,
  attrs: unknown,
  message: RegExp,
  position?: number,
): Promise<void> {
  let refusal: unknown;
  try {
    await read(runOp(c.op, inputs, attrs, device), device);
  } catch (error) {
    refusal = error;
  }
  if (!(refusal instanceof Error)) throw new Error(`${what}: expected an error, received a result`);
  if (!message.test(refusal.message))
    throw new Error(
      `${what}: expected an error that matches ${message}, received "${refusal.message}"`,
    );
  // A decomposition may hand the index on in another shape.
  const own = c.op.name in device.kernels;
  if (own && position !== undefined && !refusal.message.includes(`flat position ${position}`))
    throw new Error(
      `${what}: expected the error to name position ${position}, received "${refusal.message}"`,
    );
}
