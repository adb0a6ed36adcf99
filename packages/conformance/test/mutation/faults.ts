// All the faults of an op: each a name and what it does to the kernel.
import type { AnyOp } from "@tead/tensor";
import type { OpCase } from "../../src/case.ts";
import { mutatedPlaces } from "../../src/materialize.ts";
import type { Call, Fault, Kernel } from "./fault.ts";
import { accessFaults } from "./faults/accesses.ts";
import { attributeFaults } from "./faults/attributes.ts";
import { numberFaults, type Targets } from "./faults/numbers.ts";
import { lookalikeFaults, refusalFaults } from "./faults/refusals.ts";
import { viewFaults } from "./faults/views.ts";

/** What a call writes: its outputs, then the operands that the op updates. */
export function targetsOf(op: AnyOp): Targets {
  const places = mutatedPlaces(op);
  return ({ inputs, outputs }: Call) => [
    ...outputs,
    ...places.flatMap((i) => [inputs[i] ?? []].flat().slice(0, 1)),
  ];
}

/** Every fault of an op's kernel; no two have one name. */
export function faultsOf(
  c: OpCase,
  kernels: Readonly<Record<string, Kernel | undefined>>,
): readonly Fault[] {
  const { op } = c;
  const { inputs, outputs, mutates, name } = op;
  const targets = targetsOf(op);
  const results = [...outputs, ...mutates].map((each) => `${each} result`);
  return [
    ...viewFaults(inputs, op.elementwise && inputs.length > 1),
    ...attributeFaults(c),
    ...numberFaults(results, targets),
    ...accessFaults(inputs, results.slice(0, outputs.length), results, targets),
    ...(c.checked === undefined && c.errors === undefined ? [] : refusalFaults),
    ...lookalikeFaults(name, kernels),
  ];
}
