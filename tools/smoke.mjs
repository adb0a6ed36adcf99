// `pnpm smoke [version... | all | deno | bun]`: the smoke set on the current Node, or on the named runtimes. Builds first.
// Fails where the program fails or takes a minute.
import { build } from "./build.mjs";
import { runOn, runtimesFromArguments } from "./nodes.mjs";

const limitSeconds = 60;
let passed = 0;
let failed = 0;

build();
for (const runtime of runtimesFromArguments()) {
  const name = runtime === "current" ? process.version : runtime;
  const { ok, output, seconds } = runOn(runtime, ["tools/smoke-program.mjs"]);
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
