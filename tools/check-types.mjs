// `pnpm types`: four type checks. The whole tree; the web pages among the examples, with a browser's globals; the
// portable entries with only the globals that every runtime has; and the examples of the docs. Prints what the compiler says and exits 1 when it says anything.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { collectExamples, moduleName, moduleOf } from "./doc-examples.mjs";
import { cacheFolder, publishedEntries, root, walk } from "./workspace.mjs";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

function compile(project, rename = (text) => text) {
  const info = join(
    cacheFolder,
    `${relative(root, project).replaceAll(/[\\/]/g, "-")}.tsbuildinfo`,
  );
  const args = [
    tsc,
    "-p",
    project,
    "--incremental",
    "--tsBuildInfoFile",
    info,
    "--pretty",
    "false",
  ];
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  process.stdout.write(rename(stdout));
  return status === 0;
}

/** A project of its own in the cache folder: the root's options, changed, over other files. */
function writeProject(name, compilerOptions, files) {
  const project = join(cacheFolder, name);
  const config = { extends: join(root, "tsconfig.json"), compilerOptions, files, include: [] };
  mkdirSync(dirname(project), { recursive: true });
  writeFileSync(project, JSON.stringify(config, undefined, 2));
  return project;
}

/** The examples that have a project of their own. */
function pages() {
  const projects = walk(join(root, "examples"), (path) => basename(path) === "tsconfig.json");
  return projects.map((project) => compile(project)).every(Boolean);
}

function portable() {
  const entries = publishedEntries().filter(({ subpath }) => !/(^|\/)node$/.test(subpath));
  const types = ["@webgpu/types"];
  const globals = ["portable-globals", "webassembly"].map((name) =>
    join(root, `tools/${name}.d.ts`),
  );
  const files = [...globals, ...entries.map(({ source }) => source)];
  return compile(writeProject("portable.json", { types }, files));
}

function examples() {
  const folder = join(cacheFolder, "examples");
  rmSync(folder, { recursive: true, force: true });
  const files = collectExamples().map((example) => {
    const file = join(folder, moduleName(example));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, moduleOf(example));
    return file;
  });
  if (files.length === 0) return true;
  const options = { isolatedDeclarations: false, declaration: false };
  const atTheSource = (text) =>
    text.replaceAll(`${relative(root, folder)}/`, "").replaceAll(/\.example-\d+\.ts\(/g, "(");
  return compile(writeProject("examples.json", options, files), atTheSource);
}

const checks = {
  "the whole tree": () => compile(join(root, "tsconfig.json")),
  pages,
  portable,
  examples,
};
mkdirSync(cacheFolder, { recursive: true });
const failed = Object.entries(checks).filter(([, check]) => !check());
if (failed.length > 0) {
  console.error(`Types: Cannot compile ${failed.map(([name]) => name).join(", ")}`);
  process.exit(1);
}
