// `pnpm test:nodes [version...]`: all tests on every supported release line of Node, or on the named ones.
import { join } from "node:path";
import { nodeVersions, runOn } from "./nodes.mjs";
import { root } from "./workspace.mjs";

const named = process.argv.slice(2);
const results = [];
for (const version of named.length > 0 ? named : nodeVersions) {
  console.log(`\n=== Node ${version} ===`);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { ok, seconds } = runOn(version, [vitest, "run"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  results.push({ version, ok, seconds });
}
console.log("");
for (const { version, ok, seconds } of results) {
  console.log(`Node ${version}: ${ok ? "passed" : "FAILED"}, ${seconds.toFixed(0)} s`);
}
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
