// What a check is, and how one is run for each dtype so that one failure hides no other.
import {
  type AnyOp,
  type Backend,
  type DType,
  dispatch,
  noGrad,
  type RecordedInput,
  type Tensor,
} from "@tead/tensor";
import type { OpCase } from "./case.ts";
import type { FixtureRow } from "./fixture.ts";
import { dtypesOf, mutatedPlaces } from "./materialize.ts";

/** What one check found for one dtype, or for all where it has none. */
export interface Finding {
  readonly dtype?: DType;
  /** What went wrong; absent where nothing did. */
  readonly error?: string;
}

/** One question that the kit asks of an op. */
export interface Check {
  readonly name: string;
  /** Whether the question makes sense for the op, whatever the backend. */
  applies(c: OpCase): boolean;
  run(c: OpCase, device: Backend): Promise<readonly Finding[]>;
}

/** Runs a body for each dtype that some row serves, with those rows. */
export async function eachDType(
  c: OpCase,
  device: Backend,
  rows: readonly FixtureRow[],
  body: (dtype: DType, rows: readonly FixtureRow[]) => Promise<void>,
  only: readonly DType[] = device.capabilities.dtypes,
): Promise<Finding[]> {
  const byDType = new Map<DType, FixtureRow[]>();
  for (const row of rows)
    for (const dtype of dtypesOf(c.op, row, device.capabilities.dtypes)) {
      if (!only.includes(dtype)) continue;
      const list = byDType.get(dtype) ?? [];
      byDType.set(dtype, list);
      list.push(row);
    }
  const findings: Finding[] = [];
  for (const [dtype, served] of byDType)
    findings.push({ dtype, ...(await attempt(() => body(dtype, served))) });
  return findings;
}

/** What a body threw, if it threw. */
export async function attempt(body: () => Promise<void>): Promise<{ error?: string }> {
  try {
    await body();
    return {};
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs an op by dispatch, without recording: its outputs, then the operands that it wrote. */
export function runOp(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  attrs: unknown,
  device: Backend,
): readonly Tensor[] {
  const outputs = noGrad(() =>
    // The erased op takes any operands; an op without tensors needs to hear the device.
    dispatch(op, inputs as never, attrs, op.inputs.length === 0 ? device : undefined),
  ) as Tensor | readonly Tensor[];
  const given = Array.isArray(outputs) ? outputs : [outputs as Tensor];
  return op.mutates.length === 0 ? given : [...given, ...written(op, inputs)];
}

/** Calls a kernel on views of the caller's choice, for ops of several outputs. */
export function callKernel(
  device: Backend,
  op: AnyOp,
  inputs: readonly RecordedInput[],
  attrs: unknown,
  outputs: readonly Tensor[],
): void {
  const kernels = device.kernels as unknown as Readonly<Record<string, (call: unknown) => void>>;
  const fail = (code: string, position: number): never => {
    throw new Error(`${op.name}: ${code} at ${position}`);
  };
  kernels[op.name]?.({ inputs, outputs, attrs, fail });
}

/** The operands that an op writes, of those that are there. */
function written(op: AnyOp, inputs: readonly RecordedInput[]): Tensor[] {
  return mutatedPlaces(op).flatMap((i) => (inputs[i] ?? []) as Tensor | readonly Tensor[]);
}

/** A row in words, for messages. */
export function describeRow(row: FixtureRow): string {
  const operand = (x: FixtureRow["inputs"][number]): string => {
    if (x === undefined) return "absent";
    if (typeof x !== "object") return String(x);
    if (Array.isArray(x)) return `[${x.map(operand).join(", ")}]`;
    return `[${(x as { shape: readonly number[] }).shape.join(", ")}]`;
  };
  const attrs = row.attrs === undefined ? "" : ` ${JSON.stringify(row.attrs, plain)}`;
  return `${row.inputs.map(operand).join(" x ")}${attrs}`;
}
const plain = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

/** The dtypes that layouts and aliasing are tried in: each way that elements are kept. */
export const sampleDTypes: readonly DType[] = [
  "float32",
  "float64",
  "float16",
  "int32",
  "int64",
  "bool",
];
