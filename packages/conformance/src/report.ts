// What a run found, and the support table that docs publish.
import type { DType } from "@tead/tensor";

/** The outcome of one check of one op, for one dtype where the check is made for each. */
export interface Result {
  /** The op, or "backend" for what is asked of the device itself. */
  readonly op: string;
  readonly family: string;
  readonly check: string;
  readonly dtype?: DType;
  readonly status: "passed" | "failed" | "unsupported";
  /** What went wrong. */
  readonly error?: string;
  /** Why it is not supported, in the backend's own words. */
  readonly reason?: string;
}

/** Everything that a run found of one backend. */
export interface Report {
  readonly backend: string;
  readonly dtypes: readonly DType[];
  readonly results: readonly Result[];
  /** Reasons that no longer hold: what they excuse passes, or is not asked. */
  readonly stale: readonly string[];
  /** Whether nothing failed and no reason is stale. */
  readonly passed: boolean;
}

/** Why something is not supported, by op ("conv"), check ("conv/errors") or dtype ("conv/forward/float16"). */
export type Unsupported = Readonly<Record<string, string>>;

/** The names under which a result may be excused, the narrowest first. */
export function namesOf({ op, check, dtype }: Pick<Result, "op" | "check" | "dtype">): string[] {
  const names = [`${op}/${check}`, op];
  return dtype === undefined ? names : [`${op}/${check}/${dtype}`, ...names];
}

/** A failure that has a reason counts as unsupported. */
export function judged(result: Result, unsupported: Unsupported): Result {
  if (result.status !== "failed") return result;
  const name = namesOf(result).find((each) => each in unsupported);
  return name === undefined
    ? result
    : { ...result, status: "unsupported", reason: unsupported[name] as string };
}

/** The reasons that excuse nothing of what was asked. */
export function staleReasons(results: readonly Result[], unsupported: Unsupported): string[] {
  const used = new Set<string>();
  for (const result of results)
    if (result.status === "unsupported") {
      const name = namesOf(result).find((each) => each in unsupported);
      if (name !== undefined) used.add(name);
    }
  return Object.keys(unsupported).filter((name) => !used.has(name));
}

/** One failed or excused result in a line. */
export function describeResult({ op, check, dtype, error, reason }: Result): string {
  const where = dtype === undefined ? `${op} ${check}` : `${op} ${check} ${dtype}`;
  return reason === undefined ? `${where}: ${error}` : `${where}: ${reason} (${error})`;
}

const marks = { passed: "yes", unsupported: "no", failed: "FAILED" } as const;

/**
 * The support table in Markdown: a row for each op, a column for each dtype. "yes": every check
 * passes; "no": unsupported, with the reason below the table; "-": the op does not take the dtype.
 */
export function formatSupportTable(report: Report): string {
  const { dtypes, results } = report;
  const header = `| op | ${dtypes.join(" | ")} |`;
  const rule = `|---|${dtypes.map(() => "---|").join("")}`;
  const rows = [...new Set(results.map(({ op }) => op))]
    .filter((op) => op !== "backend")
    .map((op) => {
      const own = results.filter((result) => result.op === op);
      const cells = dtypes.map((dtype) => cellOf(own.filter((each) => each.dtype === dtype)));
      return `| ${op} | ${cells.join(" | ")} |`;
    });
  const reasons = results
    .filter(({ status }) => status === "unsupported")
    .map(({ op, check, dtype, reason }) => {
      const where = dtype === undefined ? `${op}, ${check}` : `${op}, ${check}, ${dtype}`;
      return `- ${where}: ${reason}`;
    });
  const notes = reasons.length === 0 ? [] : ["", ...new Set(reasons)];
  return [header, rule, ...rows, ...notes, ""].join("\n");
}

function cellOf(results: readonly Result[]): string {
  if (results.length === 0) return "-";
  const worst = (["failed", "unsupported"] as const).find((status) =>
    results.some((result) => result.status === status),
  );
  return marks[worst ?? "passed"];
}
