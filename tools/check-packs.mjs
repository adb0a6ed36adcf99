// `pnpm packs`: what a user gets. Packs every package, installs the tarballs with npm in an empty folder, runs the
// smoke program there in plain ESM, and compiles it with TypeScript as `nodenext` and as `bundler` resolve modules.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { pnpm, quietEnvironment } from "./pnpm.mjs";
import { packages, readJson, root } from "./workspace.mjs";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

function run(command, args, cwd) {
  const options = { cwd, encoding: "utf8", env: quietEnvironment };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (error !== undefined) throw error;
  if (status !== 0) {
    throw new Error(
      `Packs: "${command} ${args.join(" ")}" ended with ${status}\n${stdout}${stderr}`,
    );
  }
  return stdout;
}

/** Packs all packages into `folder` and returns `{ "@tead/nn": "file:..." }`. */
function packInto(folder) {
  mkdirSync(folder, { recursive: true });
  const args = ["--filter", "./packages/*", "pack", "--pack-destination", folder];
  const status = pnpm(args, { stdio: "ignore" });
  if (status !== 0)
    throw new Error(`Packs: Cannot pack: "pnpm ${args.join(" ")}" ended with ${status}`);
  return Object.fromEntries(
    packages().map(({ pkg }) => {
      const file = join(folder, `${pkg.name.slice(1).replace("/", "-")}-${pkg.version}.tgz`);
      if (!existsSync(file))
        throw new Error(`Packs: Cannot find the tarball of ${pkg.name}: ${file}`);
      return [pkg.name, `file:${file}`];
    }),
  );
}

/** A TypeScript project over `main.ts` that resolves modules as named. */
function writeProject(folder, moduleResolution) {
  const project = join(folder, `tsconfig.${moduleResolution}.json`);
  const module = moduleResolution === "nodenext" ? "nodenext" : "esnext";
  const compilerOptions = {
    target: "es2022",
    module,
    moduleResolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
  };
  writeFileSync(project, JSON.stringify({ compilerOptions, files: ["main.ts"] }, undefined, 2));
  return project;
}

/**
 * Packs, installs, runs and compiles, in a temporary folder.
 * @returns what the program printed
 * @throws Error with the output of the step that fails
 */
export function checkPacks() {
  build();
  const folder = mkdtempSync(join(tmpdir(), "tead-packs-"));
  try {
    const dependencies = packInto(join(folder, "tarballs"));
    const user = join(folder, "user");
    mkdirSync(user);
    const { devDependencies } = readJson(join(root, "package.json"));
    dependencies["@types/node"] = devDependencies["@types/node"];
    const manifest = { name: "user", private: true, type: "module", dependencies };
    writeFileSync(join(user, "package.json"), JSON.stringify(manifest, undefined, 2));
    run("npm", ["install", "--no-audit", "--no-fund", "--omit=optional"], user);
    copyFileSync(join(root, "tools/smoke-program.mjs"), join(user, "main.mjs"));
    copyFileSync(join(root, "tools/smoke-program.mjs"), join(user, "main.ts"));
    const printed = run(process.execPath, ["main.mjs"], user);
    for (const moduleResolution of ["nodenext", "bundler"]) {
      run(process.execPath, [tsc, "-p", writeProject(user, moduleResolution)], user);
    }
    return printed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    console.log(`Packs: installed, run and compiled. The program said: ${checkPacks().trim()}`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
