// `node tools/kill-training.mjs [kills [seed]]`: kills a training program with SIGKILL at random moments and resumes
// it. Prints what it saw; exits 1 if a checkpoint that was left does not load, or a loss differs from the
// uninterrupted run's.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleToFile } from "./bundle.mjs";
import { root } from "./workspace.mjs";

const [kills = 200, seed = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "tead-kill-"));
try {
  const tests = join(root, "packages/checkpoint/test/node");
  const program = await bundleToFile(join(tests, "training-child.ts"));
  const runner = await bundleToFile(join(tests, "kill.ts"));
  const { killRepeatedly } = await import(pathToFileURL(runner).href);
  const { failures, ...seen } = await killRepeatedly(program, folder, kills, seed);
  console.log({ seed, ...seen, failures: failures.length });
  for (const failure of failures.slice(0, 20)) console.log(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
