// Kills a training program again and again, and compares what all its lives computed with one that
// nobody killed.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpu } from "@tead/backend-cpu";
import { loadCheckpoint } from "../../src/node.ts";
import { Draws } from "../torture/random.ts";

/** What came of it. */
export interface KillReport {
  kills: number;
  /** Kills in the middle of writing: a half-written file was left beside the checkpoints. */
  midWrite: number;
  /** Steps that some life computed, and lines that they logged: more, for some steps ran twice. */
  steps: number;
  lines: number;
  failures: string[];
}

const linesOf = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

/**
 * Starts `program` `kills` times in `folder` and kills each at a random moment after its first step.
 *
 * @param seed - Of the moments.
 */
export async function killRepeatedly(
  program: string,
  folder: string,
  kills: number,
  seed: number,
): Promise<KillReport> {
  const draws = new Draws(seed);
  const log = join(folder, "killed.log");
  const checkpoints = join(folder, "run");
  const report: KillReport = { kills: 0, midWrite: 0, steps: 0, lines: 0, failures: [] };
  writeFileSync(log, "");
  for (; report.kills < kills; report.kills++) {
    const before = linesOf(log).length;
    const child = spawn(process.execPath, [program, checkpoints, log, "1000000"]);
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const ended = once(child, "exit");
    while (linesOf(log).length === before && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, draws.below(120)));
    child.kill("SIGKILL");
    await ended;
    if (errors !== "") report.failures.push(`life ${report.kills}: ${errors.slice(0, 500)}`);
    await checkFolder(checkpoints, report);
  }
  compareCurves(program, folder, log, report);
  return report;
}

/** Every checkpoint that is there must load. */
async function checkFolder(checkpoints: string, report: KillReport): Promise<void> {
  const names = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  if (names.some((name) => name.endsWith(".tmp"))) report.midWrite++;
  for (const name of names.filter((each) => each.endsWith(".ckpt")))
    await loadCheckpoint(join(checkpoints, name), { device: cpu() }).catch((error: unknown) => {
      report.failures.push(`kill ${report.kills}: ${name}: ${error}`);
    });
}

/** Each step's loss, whichever life computed it, is that of the run that nobody killed. */
function compareCurves(program: string, folder: string, log: string, report: KillReport): void {
  const lines = linesOf(log);
  // A line that a kill cut off has no number to compare.
  const found = lines.map((line) => line.split(" ").map(Number) as [number, number]);
  const steps = Math.max(...found.map(([step]) => step));
  const whole = join(folder, "whole.log");
  writeFileSync(whole, "");
  const { status, stderr } = spawnSync(process.execPath, [
    program,
    join(folder, "whole"),
    whole,
    String(steps),
  ]);
  if (status !== 0) report.failures.push(`the uninterrupted run: ${stderr}`);
  const curve = linesOf(whole).map((line) => Number(line.split(" ")[1]));
  for (const [step, loss] of found)
    if (curve[step - 1] !== loss)
      report.failures.push(`step ${step}: expected ${curve[step - 1]}, received ${loss}`);
  if (new Set(found.map(([step]) => step)).size !== steps)
    report.failures.push(`expected every step up to ${steps} in the log`);
  Object.assign(report, { steps, lines: lines.length });
}
