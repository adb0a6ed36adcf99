// `pnpm smoke [version... | all]`: the smoke set on the current Node, or on the named release lines. Builds first.
// Fails where the program fails or takes a minute.
import { build } from "./build.mjs";
import { runOnNode, versionsFromArguments } from "./nodes.mjs";

const limitSeconds = 60;
let passed = 0;
let failed = 0;

build();
for (const version of versionsFromArguments()) {
  const name = runOnNode(version, ["--version"]).output.trim();
  const { ok, output, seconds } = runOnNode(version, ["tools/smoke-program.mjs"]);
  const inTime = seconds < limitSeconds;
  if (ok && inTime) passed++;
  else failed++;
  const verdict = ok ? (inTime ? "passed" : `TOO SLOW, over ${limitSeconds} s`) : "FAILED";
  console.log(
    `smoke on ${name}: ${verdict}, ${seconds.toFixed(1)} s\n  ${output.trim().replaceAll("\n", "\n  ")}`,
  );
}
console.log(`Smoke: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
