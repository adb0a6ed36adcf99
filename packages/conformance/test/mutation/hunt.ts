// The hunt: which faults of an op's kernel change anything at all, and which of those the kit catches.
import { type Backend, type FailureCode, UnsupportedError } from "@tead/tensor";
import type { OpCase } from "../../src/case.ts";
import { cases } from "../../src/cases/index.ts";
import { wrapped } from "../../src/reference.ts";
import { answer, type Question, questions } from "../../src/run.ts";
import { reasonFor } from "./equivalents.ts";
import { type Call, type Fault, type Kernel, plainCall, withFault } from "./fault.ts";
import { faultsOf } from "./faults.ts";
import { isUnchanged, restore, type Snapshot, snapshotOf } from "./memory.ts";

/** What became of one fault. */
export interface Outcome {
  readonly op: string;
  readonly family: string;
  readonly fault: string;
  /** "idle": it never changes a result; "alive": it does, and no question fails. */
  readonly state: "caught" | "idle" | "alive";
  /** The check that caught it. */
  readonly by?: string;
  /** Why an alive fault is none. */
  readonly reason?: string;
}

/** Finite differences repeat one call thousands of times: the first ones show what a fault does. */
const probedCalls = 120;

type Table = Readonly<Record<string, Kernel | undefined>>;
const tableOf = (device: Backend): Table => device.kernels as unknown as Table;

/** The cases whose op the device has a kernel for. */
export function kernelCases(device: Backend): OpCase[] {
  return cases.filter(({ op }) => tableOf(device)[op.name] !== undefined);
}

/** Hunts the faults of one op that `chosen` picks; the device has to pass the kit. */
export async function hunt(
  c: OpCase,
  device: Backend,
  chosen: (faults: readonly Fault[]) => readonly Fault[] = (faults) => faults,
): Promise<Outcome[]> {
  const faults = chosen(faultsOf(c, tableOf(device)));
  const asked = questions().filter(({ op }) => op === c.op.name);
  const acting = await probe(c, device, faults, asked);
  const outcomes: Outcome[] = [];
  for (const fault of faults) {
    const of = { op: c.op.name, family: c.family, fault: fault.name };
    const from = acting.get(fault);
    if (from === undefined) outcomes.push({ ...of, state: "idle" });
    else outcomes.push({ ...of, ...(await chase(c, device, fault, asked.slice(from))) });
  }
  // A fault must not outlive its wrapper, or others are caught in its place.
  await expectToPass(device, asked);
  return outcomes;
}

/** Asks a device whose kernel has the fault until a question fails. */
async function chase(
  c: OpCase,
  device: Backend,
  fault: Fault,
  asked: readonly Question[],
): Promise<Pick<Outcome, "state" | "by" | "reason">> {
  const kernel = withFault(tableOf(device)[c.op.name] as Kernel, fault);
  const faulty = withKernel(device, c.op.name, kernel);
  for (const question of asked) {
    const results = await answer(question, faulty, {});
    if (results.some(({ status }) => status === "failed"))
      return { state: "caught", by: question.check };
  }
  const reason = reasonFor(c.op.name, fault.name);
  return reason === undefined ? { state: "alive" } : { state: "alive", reason };
}

/** For each fault that ever changes what a call does: the first question in which it does. */
async function probe(
  c: OpCase,
  device: Backend,
  faults: readonly Fault[],
  asked: readonly Question[],
): Promise<ReadonlyMap<Fault, number>> {
  const acting = new Map<Fault, number>();
  const pending = new Set(faults);
  const kernel = tableOf(device)[c.op.name] as Kernel;
  for (const [i, question] of asked.entries()) {
    let calls = 0;
    const probed = withKernel(device, c.op.name, (call) => {
      if (calls++ >= probedCalls) return kernel(call);
      compareAll(kernel, plainCall(call), pending, (fault) => {
        acting.set(fault, i);
        pending.delete(fault);
      });
    });
    await expectToPass(probed, [question]);
  }
  return acting;
}

async function expectToPass(device: Backend, asked: readonly Question[]): Promise<void> {
  for (const question of asked)
    for (const { op, check, status, error } of await answer(question, device, {}))
      if (status === "failed")
        throw new UnsupportedError(`hunt: ${op}, ${check} fails without a fault: ${error}`);
}

function withKernel(device: Backend, name: string, kernel: Kernel): Backend {
  const kernels = { ...tableOf(device), [name]: kernel } as unknown as Backend["kernels"];
  return wrapped(device, { kernels });
}

/** Thrown by a call that reports a bad value, to tell it from a crash. */
class Refusal extends Error {
  readonly code: FailureCode;
  readonly position: number;
  constructor(code: FailureCode, position: number) {
    super(`${code} at ${position}`);
    this.code = code;
    this.position = position;
  }
}

/** Runs the right kernel, and each fault beside it from the same memory. */
function compareAll(
  kernel: Kernel,
  call: Call,
  pending: ReadonlySet<Fault>,
  acts: (fault: Fault) => void,
): void {
  const refusing: Call = {
    ...call,
    fail: (code, position) => {
      throw new Refusal(code, position);
    },
  };
  const before = snapshotOf(call);
  const refusal = errorOf(() => kernel(refusing));
  const after = new Map([...before.keys()].map((array) => [array, array.slice()])) as Snapshot;
  for (const fault of [...pending])
    if (differs(kernel, fault, refusing, before, after, refusal)) acts(fault);
  restore(after);
  if (refusal instanceof Refusal) call.fail(refusal.code, refusal.position);
  else if (refusal !== undefined) throw refusal;
}

function differs(
  kernel: Kernel,
  fault: Fault,
  call: Call,
  before: Snapshot,
  after: Snapshot,
  refusal: Error | undefined,
): boolean {
  if (fault.refuse !== undefined && refusal === undefined) return false;
  if (fault.around !== undefined) {
    // The right kernel has run already: its result is there to be spoiled.
    if (refusal !== undefined) return false;
    restore(before);
    const spoil = fault.around(call);
    restore(after);
    spoil?.();
    return !isUnchanged(after);
  }
  restore(before);
  if (fault.rewrite?.(call) === call) return false;
  restore(before);
  const error = errorOf(() => withFault(kernel, fault)(call));
  return error?.message !== refusal?.message || !isUnchanged(after);
}

function errorOf(body: () => void): Error | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
