// Gradients: against finite differences, first and second order, where the device has float64 and
// reads at once; and in float32 on every device, against the reference in float64.
import { grad, gradcheck, gradgradcheck } from "@tead/autograd";
import {
  type Backend,
  type DType,
  dispatch,
  enableGrad,
  isFloat,
  type RecordedInput,
  Tensor,
  tensor,
} from "@tead/tensor";
import type { OpCase } from "../case.ts";
import { attempt, type Check, describeRow, type Finding } from "../check.ts";
import { expectValues } from "../compare.ts";
import type { FixtureRow } from "../fixture.ts";
import {
  attrsOf,
  dtypesOf,
  inferred,
  isFixtureTensor,
  operandsOf,
  placeOf,
} from "../materialize.ts";
import { referenceBackend } from "../reference.ts";

const applies = ({ op }: OpCase): boolean =>
  op.gradient !== "nonDifferentiable" && op.inputs.length > 0;

/** The rows that have a slope: floats, no kinks, not empty. */
function smooth(c: OpCase): FixtureRow[] {
  return c.rows.filter(
    (row) =>
      row.kind === "float" &&
      !row.special &&
      row.inputs.flat().every((x) => !isFixtureTensor(x) || x.data.length > 0),
  );
}

const elementsOf = (row: FixtureRow): number => {
  const tensors = [...row.inputs.flat(), ...row.outputs].filter(isFixtureTensor);
  return tensors.reduce((sum, { data }) => sum + data.length, 0);
};

/** The longest rows of at most `limit` elements, or the shortest one where there are none. */
function upTo(rows: readonly FixtureRow[], limit: number, count: number): readonly FixtureRow[] {
  const sorted = [...rows].sort((a, b) => elementsOf(b) - elementsOf(a));
  const short = sorted.filter((row) => elementsOf(row) <= limit).slice(0, count);
  return short.length > 0 ? short : sorted.slice(-1);
}

/** A row as a function of its float operands, and those operands. */
function asFunction(
  c: OpCase,
  row: FixtureRow,
  dtype: DType,
  device: Backend,
): { readonly f: (...leaves: Tensor[]) => Tensor[]; readonly leaves: Tensor[] } {
  const operands = operandsOf(device, row, dtype);
  const constants = (c.constants ?? []).map((name) => operands[placeOf(c.op, name)]);
  const isLeaf = (x: unknown): x is Tensor =>
    x instanceof Tensor && isFloat(x.dtype) && !constants.includes(x);
  const leaves = operands.flat().filter(isLeaf);
  for (const leaf of leaves) leaf.requiresGrad_();
  const f = (...given: Tensor[]): Tensor[] => {
    const queue = [...given];
    const fill = (x: RecordedInput): RecordedInput => {
      if (Array.isArray(x)) return (x as Tensor[]).map((t) => fill(t) as Tensor);
      return isLeaf(x) ? (queue.shift() as Tensor) : x;
    };
    const inputs = operands.map(fill);
    return [dispatch(c.op, inputs as never, attrsOf(row, dtype))].flat() as Tensor[];
  };
  return { f, leaves };
}

export const finiteDifferences: Check = {
  name: "gradients",
  applies,
  run: async (c, device) => {
    const { syncRead, dtypes } = device.capabilities;
    if (!syncRead || !dtypes.includes("float64")) return [];
    const rows = smooth(c).filter((row) =>
      inferred(c.op, row, "float64").every(({ dtype }) => !isFloat(dtype) || dtype === "float64"),
    );
    // Finite differences take time by the size squared, second ones cubed.
    const first = upTo(rows, 80, 5);
    const second = upTo(rows, 40, 1);
    const finding = await attempt(async () => {
      for (const row of first) {
        const { f, leaves } = asFunction(c, row, "float64", device);
        located(row, () => gradcheck(f, leaves));
        if (second.includes(row) && isCurved(f, leaves))
          located(row, () => gradgradcheck(f, leaves));
      }
    });
    return rows.length === 0 ? [] : [{ dtype: "float64", ...finding }];
  },
};

/** Whether the gradients depend on anything: those of floor() do not. */
function isCurved(f: (...leaves: Tensor[]) => Tensor[], leaves: readonly Tensor[]): boolean {
  const outputs = f(...leaves).filter((y) => y.requiresGrad);
  const seeds = outputs.map((y) => y.detach().onesLike().requiresGrad_());
  const options = { gradOutputs: seeds, createGraph: true, allowUnused: true };
  return grad(outputs, leaves, options).some((g) => g?.requiresGrad === true);
}

function located(row: FixtureRow, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${describeRow(row)}: ${message}`);
  }
}

export const singleGradients: Check = {
  name: "float32 gradients",
  applies,
  run: async (c, device) => {
    const findings: Finding[] = [];
    const rows = smooth(c).filter((row) =>
      dtypesOf(c.op, row, device.capabilities.dtypes).includes("float32"),
    );
    const finding = await attempt(async () => {
      for (const row of rows) await tryAgainstReference(c, row, device);
    });
    if (rows.length > 0) findings.push({ dtype: "float32", ...finding });
    return findings;
  },
};

async function tryAgainstReference(c: OpCase, row: FixtureRow, device: Backend): Promise<void> {
  const actual = gradientsOf(c, row, "float32", device);
  const expected = gradientsOf(c, row, "float64", referenceBackend());
  for (const [i, wanted] of expected.entries()) {
    const found = actual[i];
    const what = `gradient of leaf ${i}, ${describeRow(row)}`;
    if (wanted === undefined || found === undefined) {
      if (wanted !== found) throw new Error(`${what}: expected ${wanted}, received ${found}`);
      continue;
    }
    await expectValues(what, found, await wanted.data(), 10 * (c.slack ?? 1));
  }
}

/** The gradients of a row's float operands for fixed gradients of its outputs. */
function gradientsOf(
  c: OpCase,
  row: FixtureRow,
  dtype: DType,
  device: Backend,
): readonly (Tensor | undefined)[] {
  return enableGrad(() => {
    const { f, leaves } = asFunction(c, row, dtype, device);
    const outputs = f(...leaves).filter((y) => y.requiresGrad);
    if (outputs.length === 0) return leaves.map(() => undefined);
    const seeds = outputs.map((y) => {
      // Multiples of 1/64: exact in every dtype.
      const values = Array.from(
        { length: y.numel() },
        (_, i) => Math.round(Math.sin(i + 1) * 64) / 64,
      );
      return tensor(values, { dtype: y.dtype, device, shape: y.shape });
    });
    return grad(outputs, leaves, { gradOutputs: seeds, allowUnused: true });
  });
}
