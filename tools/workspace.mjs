// What the scripts know about the workspace: where it is, its packages, and their entries.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root folder of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** A path relative to the root, with forward slashes. */
export const fromRoot = (path) => relative(root, path).replaceAll("\\", "/");

/** Where the scripts keep what they can make again. */
export const cacheFolder = join(root, "node_modules", ".cache", "tead");

/** @returns the parsed JSON of a file. */
export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/**
 * The entries of a package, from its "exports": `dist/node.mjs` is built from `src/node.ts`,
 * `dist/kernel-kit.mjs` from `src/kernel-kit/index.ts`.
 * @returns `{ subpath, name, source, output, types }`, paths absolute
 */
export function entriesOf(pkg, folder) {
  const entries = [];
  for (const [subpath, target] of Object.entries(pkg.exports ?? {})) {
    if (subpath === "./package.json") continue;
    const output = typeof target === "string" ? target : target.default;
    const name = basename(output).replace(/\.mjs$/, "");
    const candidates = [`src/${name}.ts`, `src/${name}/index.ts`].map((path) => join(folder, path));
    const source = candidates.find((path) => existsSync(path)) ?? candidates[0];
    const types = typeof target === "string" ? undefined : target.types;
    entries.push({
      subpath,
      name,
      source,
      output: resolve(folder, output),
      types: types === undefined ? undefined : resolve(folder, types),
    });
  }
  return entries;
}

/** The packages under `packages/`: folder, manifest and short name, in order of name. */
export function packages() {
  const parent = join(root, "packages");
  return readdirSync(parent)
    .filter((short) => existsSync(join(parent, short, "package.json")))
    .sort()
    .map((short) => {
      const folder = join(parent, short);
      return { short, folder, pkg: readJson(join(folder, "package.json")) };
    });
}

/** Every entry a user can import: `{ specifier, subpath, source, output, types, package }`. */
export function publishedEntries() {
  return packages().flatMap((each) =>
    entriesOf(each.pkg, each.folder).map((entry) => ({
      ...entry,
      package: each,
      specifier: each.pkg.name + entry.subpath.slice(1),
    })),
  );
}

const skipped = new Set(["node_modules", "dist", ".git", ".turbo", "coverage"]);

/** All files below `folder` that match, build outputs and dependencies left out; sorted. */
export function walk(folder, matches = () => true) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const name of readdirSync(folder).sort()) {
    if (skipped.has(name)) continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) found.push(...walk(path, matches));
    else if (matches(path)) found.push(path);
  }
  return found;
}
