// Runs the kit on a backend and says what it found.
import type { Backend } from "@tead/tensor";
import type { OpCase } from "./case.ts";
import { cases } from "./cases/index.ts";
import type { Finding } from "./check.ts";
import { deviceChecks } from "./checks/device.ts";
import { checks } from "./checks/index.ts";
import { judged, type Report, type Result, staleReasons, type Unsupported } from "./report.ts";

/** What the kit needs to know of a backend. */
export interface ConformanceOptions {
  /** Makes the backend; called once. */
  readonly create: () => Backend | Promise<Backend>;
  /** What the backend does not support, each with its reason. A reason that is not needed fails. */
  readonly unsupported?: Unsupported;
}

/** Narrows a run. */
export interface RunOptions extends ConformanceOptions {
  /** Only these ops ("backend" is the device itself); all unless said. */
  readonly ops?: readonly string[];
  /** Only these checks; all unless said. */
  readonly checks?: readonly string[];
  /** Stop at the first failure. */
  readonly bail?: boolean;
}

/** One check of one op, or of the device itself. */
export interface Question {
  readonly op: string;
  readonly family: string;
  readonly check: string;
  ask(device: Backend): Promise<readonly Finding[]>;
}

const ofCase = (c: OpCase): Question[] =>
  checks
    .filter((check) => check.applies(c))
    .map((check) => ({
      op: c.op.name,
      family: c.family,
      check: check.name,
      ask: (device) => check.run(c, device),
    }));

/** Everything that the kit asks. */
export function questions(): Question[] {
  const ofDevice = deviceChecks.map(
    ({ name, run }): Question => ({
      op: "backend",
      family: "backend",
      check: name,
      ask: async (device) => {
        await run(device);
        return [{}];
      },
    }),
  );
  return [...ofDevice, ...cases.flatMap(ofCase)];
}

/** Asks one question; what is thrown is a failure. */
export async function answer(
  { op, family, check, ask }: Question,
  device: Backend,
  unsupported: Unsupported,
): Promise<Result[]> {
  const place = { op, family, check };
  const resultOf = ({ dtype, error }: Finding): Result => {
    const of = dtype === undefined ? place : { ...place, dtype };
    if (error === undefined) return { ...of, status: "passed" };
    return judged({ ...of, status: "failed", error }, unsupported);
  };
  try {
    return (await ask(device)).map(resultOf);
  } catch (error) {
    return [resultOf({ error: error instanceof Error ? error.message : String(error) })];
  }
}

/**
 * Runs every check of every op on a backend and reports what it found; `formatSupportTable()` makes
 * the table for the docs of it.
 */
export async function runConformance(options: RunOptions): Promise<Report> {
  const { create, unsupported = {}, ops, checks: named, bail = false } = options;
  const device = await create();
  const results: Result[] = [];
  for (const question of questions()) {
    if (ops !== undefined && !ops.includes(question.op)) continue;
    if (named !== undefined && !named.includes(question.check)) continue;
    const found = await answer(question, device, unsupported);
    results.push(...found);
    if (bail && found.some(({ status }) => status === "failed")) break;
  }
  const stale = staleReasons(results, unsupported);
  return {
    backend: device.name,
    dtypes: device.capabilities.dtypes,
    results,
    stale,
    passed: stale.length === 0 && results.every(({ status }) => status !== "failed"),
  };
}
