// `pnpm layers`: who may import whom, as docs/architecture.md says it. Reads the import statements of the sources
// with the TypeScript parser; prints each broken rule with its place and exits 1 if there is one.
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { entriesOf, fromRoot, packages, publishedEntries, root, walk } from "./workspace.mjs";

/** What a package's sources may import of the others. "transforms/image" is that entry alone. */
export const mayImport = {
  tensor: [],
  autograd: ["tensor"],
  "backend-cpu": ["tensor"],
  "backend-webgpu": ["tensor"],
  checkpoint: ["tensor"],
  nn: ["tensor"],
  optim: ["tensor"],
  transforms: ["tensor"],
  data: ["tensor", "transforms/image"],
  conformance: ["tensor", "autograd"],
  models: ["tensor", "nn", "checkpoint"],
  summary: ["tensor", "nn", "transforms/image"],
};

/** What tests, but no sources, may use from outside their package. */
const tools = `${join(root, "tools")}/`;

const builtins = new Set(builtinModules);
const isBuiltin = (specifier) => specifier.startsWith("node:") || builtins.has(specifier);

/** The imports of a source: `{ specifier, line, value }`; `value` is false where only types are imported. */
export function importsOf(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false);
  const found = [];
  const add = (node, literal, value) => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    found.push({ specifier: literal.text, line: line + 1, value });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.isTypeOnly !== true);
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, !node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], true);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The rules that one file of a package can break, whichever files stand beside it. */
function checkFile({ short, folder, pkg }, path, imports, published) {
  const inSources = path.startsWith(`${join(folder, "src")}/`);
  const problems = [];
  for (const { specifier, line } of imports) {
    const say = (text) => problems.push(`${fromRoot(path)}:${line}: ${text}`);
    if (specifier.startsWith(".")) {
      const target = resolve(dirname(path), specifier);
      const within = target.startsWith(`${folder}/`) || (!inSources && target.startsWith(tools));
      if (!within) {
        say(`Cannot import "${specifier}": expected a path inside the package; use "@tead/..."`);
      } else if (!/\.(ts|mjs|json)$/.test(specifier)) {
        say(`Cannot import "${specifier}": expected the file's extension`);
      }
    } else if (specifier.startsWith("@tead/")) {
      const target = specifier.slice("@tead/".length);
      if (!published.has(specifier)) say(`Cannot import "${specifier}": no package exports it`);
      if (inSources) checkSibling(short, pkg, target, say);
    } else if (inSources && !isBuiltin(specifier)) {
      checkDependency(pkg, specifier, say);
    }
  }
  return problems;
}

function checkSibling(short, pkg, target, say) {
  const [sibling] = target.split("/");
  if (sibling === short) return;
  const allowed = mayImport[short] ?? [];
  const ofPackage = allowed.includes(sibling) || allowed.includes(target);
  if (!ofPackage) {
    const list = allowed.map((name) => `@tead/${name}`).join(", ") || "no other package";
    say(`Cannot import "@tead/${target}" in @tead/${short}: expected ${list}`);
  } else if (pkg.peerDependencies?.[`@tead/${sibling}`] === undefined) {
    say(`Cannot import "@tead/${target}": expected it under peerDependencies`);
  }
}

function checkDependency(pkg, specifier, say) {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const listed = { ...pkg.dependencies, ...pkg.peerDependencies, ...pkg.optionalDependencies };
  if (listed[name] === undefined) {
    say(`Cannot import "${specifier}": expected "${name}" under dependencies or peerDependencies`);
  }
}

/** Every entry but `./node` runs everywhere: nothing that it reaches imports a module of Node. */
function checkPortable(each, graph) {
  const problems = [];
  for (const { subpath, source } of entriesOf(each.pkg, each.folder)) {
    if (/(^|\/)node$/.test(subpath)) continue;
    for (const path of reachable(source, graph)) {
      for (const { specifier, line } of graph.get(path) ?? []) {
        if (!isBuiltin(specifier) && !/^@tead\/.*\/node$/.test(specifier)) continue;
        problems.push(
          `${fromRoot(path)}:${line}: Cannot import "${specifier}" in what "${subpath}" of ` +
            `${each.pkg.name} reaches: expected no Node module; move it under ./node`,
        );
      }
    }
  }
  return problems;
}

function targetsOf(path, graph, onlyValues) {
  return (graph.get(path) ?? [])
    .filter(({ specifier, value }) => specifier.startsWith(".") && (value || !onlyValues))
    .map(({ specifier }) => resolve(dirname(path), specifier))
    .filter((target) => graph.has(target));
}

function reachable(start, graph) {
  const seen = new Set([start]);
  for (const path of seen) for (const next of targetsOf(path, graph, true)) seen.add(next);
  return seen;
}

/** Cycles among value imports: each as the list of files that close it. */
export function valueCycles(graph) {
  const state = new Map();
  const cycles = [];
  const visit = (path, stack) => {
    state.set(path, "open");
    for (const next of targetsOf(path, graph, true)) {
      if (state.get(next) === "open") cycles.push([...stack.slice(stack.indexOf(next)), next]);
      else if (!state.has(next)) visit(next, [...stack, next]);
    }
    state.set(path, "done");
  };
  for (const path of graph.keys()) if (!state.has(path)) visit(path, [path]);
  return cycles;
}

/** A package's manifest may not name what its sources may not import, nor the root package any dependency. */
function checkManifest({ short, pkg }) {
  const problems = [];
  const allowed = new Set((mayImport[short] ?? []).map((name) => `@tead/${name.split("/")[0]}`));
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    for (const name of Object.keys(pkg[kind] ?? {})) {
      const place = `packages/${short}/package.json: ${kind}`;
      if (name.startsWith("@tead/") && !allowed.has(name)) {
        problems.push(`${place}: Cannot name ${name}: the layers do not allow it`);
      } else if (name.startsWith("@tead/") && kind !== "peerDependencies") {
        problems.push(
          `${place}: Cannot name ${name}: siblings are peers, so that there is one copy`,
        );
      } else if (short === "tensor") {
        problems.push(`${place}: Cannot name ${name}: @tead/tensor has no dependencies`);
      }
    }
  }
  return problems;
}

/** All problems of the given packages (`{ short, folder, pkg }`); empty if the house is in order. */
export function layerProblems(all) {
  const published = new Set(
    all.flatMap(({ pkg }) => Object.keys(pkg.exports).map((path) => pkg.name + path.slice(1))),
  );
  const problems = [];
  for (const each of all) {
    if (mayImport[each.short] === undefined) {
      problems.push(`packages/${each.short}: Cannot place the package: add it to mayImport`);
    }
    const graph = new Map();
    const files = ["src", "test"].flatMap((part) =>
      walk(join(each.folder, part), (path) => path.endsWith(".ts") && !path.includes("/fixtures/")),
    );
    for (const path of files) graph.set(path, importsOf(path, readFileSync(path, "utf8")));
    for (const [path, imports] of graph) {
      problems.push(...checkFile(each, path, imports, published));
    }
    problems.push(...checkManifest(each), ...checkPortable(each, graph));
    for (const cycle of valueCycles(graph)) {
      problems.push(`Cannot import in a circle by value: ${cycle.map(fromRoot).join(" -> ")}`);
    }
  }
  return problems;
}

/** Examples and benchmarks use what users use: published entries only. */
function exampleProblems() {
  const published = new Set(publishedEntries().map(({ specifier }) => specifier));
  const problems = [];
  for (const area of ["examples", "bench"]) {
    for (const path of walk(join(root, area), (path) => /\.m?ts$/.test(path))) {
      for (const { specifier, line } of importsOf(path, readFileSync(path, "utf8"))) {
        const say = (text) => problems.push(`${fromRoot(path)}:${line}: ${text}`);
        if (specifier.startsWith("@tead/") && !published.has(specifier)) {
          say(`Cannot import "${specifier}": no package exports it`);
        } else if (
          specifier.startsWith(".") &&
          resolve(dirname(path), specifier).includes("/packages/")
        ) {
          say(`Cannot import "${specifier}": expected a published entry, "@tead/..."`);
        }
      }
    }
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const problems = [...layerProblems(packages()), ...exampleProblems()];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(`Layers: ${problems.length} broken`);
    process.exit(1);
  }
}
