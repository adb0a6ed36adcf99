// `pnpm sizes`: the size of each built package and of the WebAssembly modules, gzipped, against its ceiling in sizes.json;
// what the core packages take on disk; and how long Node takes to import them. Prints a table and exits 1 when a limit
// is passed.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "./build.mjs";
import { packages, readJson, root } from "./workspace.mjs";

/** The limits: gzipped KiB for each package, and what the core may take. */
export const limits = readJson(join(root, "tools/sizes.json"));

/** The gzipped size in bytes of the JavaScript that a package ships. */
export function gzippedBytes(folder) {
  const dist = join(folder, "dist");
  return readdirSync(dist)
    .filter((name) => name.endsWith(".mjs"))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0);
}

/** The gzipped size in bytes of both WebAssembly modules of backend-cpu, as they travel: base64 inside JavaScript. */
export function assemblyBytes() {
  const folder = join(root, "packages/backend-cpu/src/wasm/generated");
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
}

/** The bytes that a package takes once installed: its "files", manifest, README and license. */
export function installedBytes(folder) {
  const sizeOf = (path) => {
    if (!existsSync(path)) return 0;
    const stat = statSync(path);
    if (!stat.isDirectory()) return stat.size;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  };
  const { files } = readJson(join(folder, "package.json"));
  const names = [...files, "package.json", "README.md", "LICENSE"];
  return names.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);
}

/**
 * The milliseconds that a fresh Node takes to import the core packages, the best of a few tries: by the clock, or of
 * the processor's time where other programs kept it waiting.
 */
export function importMs(enoughMs, tries = 10) {
  const names = limits.core.packages.map((short) => `import("@tead/${short}")`);
  const program = `const [start, before] = [performance.now(), process.cpuUsage()];
    await Promise.all([${names}]);
    const { user, system } = process.cpuUsage(before);
    console.log(Math.min(performance.now() - start, (user + system) / 1000));`;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries && best >= enoughMs; i++) {
    const args = ["--input-type=module", "--eval", program];
    best = Math.min(best, Number(execFileSync(process.execPath, args, { cwd: root })));
  }
  return best;
}

function report() {
  const rows = packages().map(({ short, folder }) => {
    const limit = limits.gzipKiB[short];
    return { what: short, value: gzippedBytes(folder) / 1024, limit, unit: "KiB gzipped" };
  });
  const assembly = { value: assemblyBytes() / 1000, limit: limits.assemblyGzipBytes / 1000 };
  rows.push({ what: "both WebAssembly", ...assembly, unit: "kB gzipped" });
  const core = packages().filter(({ short }) => limits.core.packages.includes(short));
  const installed = core.reduce((sum, { folder }) => sum + installedBytes(folder), 0);
  const { installedBytes: limit, importMs: limitMs } = limits.core;
  rows.push({ what: "core, installed", value: installed / 1e6, limit: limit / 1e6, unit: "MB" });
  rows.push({ what: "core, import", value: importMs(limitMs), limit: limitMs, unit: "ms" });
  return rows;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  build();
  const rows = report();
  const failed = rows.filter(({ value, limit }) => !(value <= limit));
  for (const { what, value, limit, unit } of rows) {
    const mark = value <= limit ? "" : "  TOO MUCH";
    console.log(`${what.padEnd(18)}${value.toFixed(1).padStart(8)} of ${limit} ${unit}${mark}`);
  }
  if (failed.length > 0) {
    console.error(`Sizes: Cannot pass ${failed.map(({ what }) => what).join(", ")}`);
    process.exit(1);
  }
}
