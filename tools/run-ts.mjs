// `node tools/run-ts.mjs program.ts [arguments...]`: bundles a TypeScript program with the sources of the packages
// that it imports, nothing built before, and runs it. `--node-options=...` before the program go to Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleToFile } from "./bundle.mjs";

const args = process.argv.slice(2);
const options = args[0]?.startsWith("--node-options=") ? args.shift().split("=")[1].split(" ") : [];
const folder = mkdtempSync(join(tmpdir(), "tead-program-"));
try {
  const bundle = await bundleToFile(args[0], folder);
  const { status } = spawnSync(process.execPath, [...options, bundle, ...args.slice(1)], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
