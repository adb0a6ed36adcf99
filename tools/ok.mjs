// `pnpm ok`: the gate before a commit. Runs every check, the cheap ones first, stops at the first that fails, and
// prints one table. `--no-tests` leaves the tests out, `--keep-going` runs what follows a failure.
import { spawnSync } from "node:child_process";
import { quietEnvironment } from "./pnpm.mjs";
import { root } from "./workspace.mjs";

const vitest = "node_modules/vitest/vitest.mjs";

/** Each check: its name, what it says when it fails, and the program of Node that it is. */
const checks = [
  ["format, lint", "run `pnpm format`", "node_modules/@biomejs/biome/bin/biome", "check", "."],
  ["files", "see the lines above", "tools/check-files.mjs"],
  ["layers", "see docs/architecture.md", "tools/check-layers.mjs"],
  ["types", "run `pnpm types`", "tools/check-types.mjs"],
  ["assembly", "run `node tools/build-assembly.mjs`", "tools/build-assembly.mjs", "--check"],
  ["build", "run `pnpm build`", "tools/build.mjs"],
  ["exports", "see publint's lines above", "tools/check-exports.mjs"],
  ["sizes", "lower the size, or raise tools/sizes.json and say why", "tools/check-sizes.mjs"],
  ["docs", "run `pnpm run docs`", "tools/docs.mjs"],
  ["doc examples", "run `npx vitest run --project docs`", vitest, "run", "--project", "docs"],
  ["tests", "run `npm test`", vitest, "run", "--project", "unit", "--project", "published"],
];

const keepGoing = process.argv.includes("--keep-going");
const selected = process.argv.includes("--no-tests")
  ? checks.filter(([, , program]) => program !== vitest)
  : checks;

function run([name, advice, ...args]) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    env: quietEnvironment,
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - start) / 1000;
  const ok = status === 0;
  console.log(`${ok ? "ok  " : "FAIL"}  ${name.padEnd(14)}${seconds.toFixed(1).padStart(7)} s`);
  if (!ok) console.error(`\n${stdout}${stderr}\nGate: Cannot pass "${name}": ${advice}\n`);
  return { name, ok, seconds };
}

const results = [];
for (const check of selected) {
  results.push(run(check));
  if (!results.at(-1).ok && !keepGoing) break;
}

const left = selected.slice(results.length).map(([name]) => name);
const passed = results.filter(({ ok }) => ok).length;
const failed = results.length - passed;
const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
if (left.length > 0) console.log(`Not run: ${left.join(", ")}`);
console.log(`Checks: ${passed} passed, ${failed} failed, ${total.toFixed(0)} s`);
process.exit(failed === 0 ? 0 : 1);
