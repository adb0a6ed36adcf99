// The one build of every package: `tsdown --config ../../tools/tsdown.config.mjs`, run in the package's folder.
// Entries follow from the package's own "exports", so adding an entry never touches this file.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "tsdown";
import { entriesOf, fromRoot } from "./workspace.mjs";

const cwd = process.cwd();
const pkg = JSON.parse(readFileSync(resolve(cwd, "package.json"), "utf8"));
const published = pkg.private !== true;
const entries = entriesOf(pkg, cwd);
for (const { subpath, source } of entries) {
  if (existsSync(source)) continue;
  throw new Error(
    `${pkg.name}: Cannot build entry "${subpath}": expected its source at ${fromRoot(source)}`,
  );
}

export default defineConfig({
  cwd,
  entry: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
  format: "esm",
  platform: "neutral",
  target: "es2022",
  outExtensions: () => ({ js: ".mjs", dts: ".d.mts" }),
  hash: false,
  minify: false,
  // The manifest's "sideEffects" names files of dist; among the sources every import counts.
  treeshake: { moduleSideEffects: [{ test: /\/src\//, sideEffects: true }] },
  // The code is published as it is, neither minified nor with its sources: a map would lead to files that users do not have.
  sourcemap: false,
  // Doc comments stand in the declarations.
  // What entries share has a name that no entry has.
  outputOptions: (options) => ({
    ...options,
    chunkFileNames: (chunk) => options.chunkFileNames(chunk).replace("[name]", "shared-[name]"),
    comments: { jsdoc: false },
  }),
  // Without this file's empty `paths` the aliases of the editor's tsconfig would bundle the siblings.
  tsconfig: fileURLToPath(new URL("tsconfig.build.json", import.meta.url)),
  dts: published ? { oxc: true, sourcemap: false } : false,
  deps: { neverBundle: [/^node:/, /^@tead\//], skipNodeModulesBundle: true },
  failOnWarn: true,
  report: false,
  logLevel: "warn",
  onSuccess: dropDanglingMapComments,
});

/** The bundler ends each declaration file with the name of a map that is not made: sources are not shipped. */
function dropDanglingMapComments() {
  const dist = resolve(cwd, "dist");
  for (const name of readdirSync(dist).filter((name) => name.endsWith(".d.mts"))) {
    const path = resolve(dist, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
  }
}
