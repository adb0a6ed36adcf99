// A TypeScript program as one ES module, made of the sources of the packages that it imports: nothing is built before.
// For tools, benchmarks and tests that run programs in processes, workers and pages of their own.
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { root } from "./workspace.mjs";

/** Where the source of an entry such as "@tead/tensor/kernel-kit" stands. */
const sourceOf = (specifier) => {
  const [, name, entry = "index"] = specifier.split("/");
  const base = join(root, "packages", name, "src", entry);
  return existsSync(`${base}.ts`) ? `${base}.ts` : join(base, "index.ts");
};

const sources = {
  name: "sources",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@tead\// }, ({ path }) => ({ path: sourceOf(path) }));
  },
};

// Node's modules in CommonJS dependencies.
const banner = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);`;

export async function bundle(entry, platform = "node") {
  const { outputFiles } = await build({
    entryPoints: [entry instanceof URL ? fileURLToPath(entry) : entry],
    bundle: true,
    write: false,
    format: "esm",
    platform,
    target: "es2023",
    banner: platform === "node" ? { js: banner } : {},
    // Sources state side effects of the built files, not of their own.
    ignoreAnnotations: true,
    plugins: [sources],
  });
  return outputFiles[0].text;
}

export async function bundleToFile(entry, folder = mkdtempSync(join(tmpdir(), "tead-program-"))) {
  const file = join(folder, "program.mjs");
  writeFileSync(file, await bundle(entry));
  return file;
}
