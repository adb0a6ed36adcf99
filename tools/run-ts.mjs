// `node tools/run-ts.mjs program.ts [arguments...]`: bundles a TypeScript program with the sources of the packages
// that it imports, nothing built before, and runs it. `--node-options=...` before the program go to Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "tsdown";
import { root } from "./workspace.mjs";

/**
 * Bundles `program` with everything it imports into one file.
 * @param program - path of a TypeScript file
 * @param folder - where the bundle goes
 * @returns the bundle's path
 */
export async function bundleProgram(program, folder) {
  await build({
    config: false,
    entry: { program: resolve(program) },
    outDir: folder,
    tsconfig: join(root, "tsconfig.json"),
    format: "esm",
    platform: "node",
    deps: { alwaysBundle: [/^[^.]/], onlyBundle: false },
    // Sources state side effects of the built files, not of their own.
    treeshake: false,
    dts: false,
    report: false,
    logLevel: "silent",
  });
  return join(folder, "program.mjs");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const args = process.argv.slice(2);
  const options = args[0]?.startsWith("--node-options=")
    ? args.shift().split("=")[1].split(" ")
    : [];
  const folder = mkdtempSync(join(tmpdir(), "tead-program-"));
  try {
    const bundle = await bundleProgram(args[0], folder);
    const { status } = spawnSync(process.execPath, [...options, bundle, ...args.slice(1)], {
      stdio: "inherit",
    });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
