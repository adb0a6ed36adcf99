// A TypeScript program as one file that Node can run by itself, for tests that end processes.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";

const tsconfig = fileURLToPath(new URL("../../../../tsconfig.json", import.meta.url));

/**
 * Bundles `entry` with everything it imports.
 *
 * @returns The path of the bundle, in a folder of its own.
 */
export async function bundle(entry: URL): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), "tead-bundle-"));
  await build({
    config: false,
    entry: { program: fileURLToPath(entry) },
    outDir,
    tsconfig,
    format: "esm",
    platform: "node",
    deps: { alwaysBundle: [/^[^.]/], onlyBundle: false },
    // Sources state side effects of the built files, not of their own.
    treeshake: false,
    dts: false,
    report: false,
    logLevel: "silent",
  });
  return join(outDir, "program.mjs");
}
