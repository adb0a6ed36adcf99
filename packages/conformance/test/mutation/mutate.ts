// The mutation run: every fault of every kernel of the CPU, a table of what became of them, and exit
// code 1 where one that matters is alive. Names of ops as arguments narrow it; `--idle` lists the faults
// that changed nothing.
import { cpu } from "@tead/backend-cpu";
import { equivalents } from "./equivalents.ts";
import { hunt, kernelCases, type Outcome } from "./hunt.ts";

const write = (text: string): unknown => process.stdout.write(text);

async function run(names: readonly string[]): Promise<Outcome[]> {
  const device = cpu();
  const chosen = kernelCases(device).filter(
    ({ op }) => names.length === 0 || names.includes(op.name),
  );
  const outcomes: Outcome[] = [];
  const start = Date.now();
  for (const [i, c] of chosen.entries()) {
    const found = await hunt(c, device);
    outcomes.push(...found);
    const seconds = Math.round((Date.now() - start) / 1000);
    const line = `${i + 1} of ${chosen.length} ops, ${outcomes.length} faults, ${seconds} s: ${c.op.name}`;
    write(process.stdout.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    for (const each of found.filter(isUnexplained)) write(`\n  alive: ${each.op}, ${each.fault}\n`);
  }
  if (process.stdout.isTTY) write("\r\x1b[K");
  return outcomes;
}

const isUnexplained = ({ state, reason }: Outcome): boolean =>
  state === "alive" && reason === undefined;

/** A line for each family and one for all. */
function tableOf(outcomes: readonly Outcome[]): string {
  const families = [...new Set(outcomes.map(({ family }) => family))];
  const row = (name: string, of: readonly Outcome[]): string => {
    const count = (state: Outcome["state"]): number =>
      of.filter((each) => each.state === state).length;
    const ops = new Set(of.map(({ op }) => op)).size;
    return `| ${[name, ops, of.length, count("caught"), count("idle"), count("alive")].join(" | ")} |`;
  };
  return [
    "| family | ops | faults | caught | idle | alive |",
    "|---|---|---|---|---|---|",
    ...families.map((name) =>
      row(
        name,
        outcomes.filter(({ family }) => family === name),
      ),
    ),
    row("all", outcomes),
    "",
  ].join("\n");
}

const args = process.argv.slice(2);
const idleToo = args.includes("--idle");
const outcomes = await run(args.filter((each) => each !== "--idle"));
write(`\n${tableOf(outcomes)}\n`);
for (const { op, fault, reason } of outcomes.filter(({ state }) => state === "alive"))
  write(`alive: ${op}, ${fault}: ${reason ?? "NOT CAUGHT"}\n`);
if (idleToo)
  for (const { op, fault } of outcomes.filter(({ state }) => state === "idle"))
    write(`idle: ${op}, ${fault}\n`);

// A reason that nothing needs any more hides what comes later.
const whole = args.every((each) => each === "--idle");
const stale = equivalents.filter(
  ({ reason }) => whole && !outcomes.some((each) => each.reason === reason),
);
for (const { ops, fault } of stale) write(`no longer alive: ${ops}, ${fault.source}\n`);
process.exitCode = outcomes.some(isUnexplained) || stale.length > 0 ? 1 : 0;
