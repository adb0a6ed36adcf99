// The check of the layers, on small packages made up for it: each broken rule is found and named.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { importsOf, layerProblems } from "../check-layers.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tead-layers-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A package `short` with the given files and manifest fields. */
function make(short, files, manifest = {}) {
  const target = join(folder, short);
  for (const [path, text] of Object.entries({ "src/index.ts": "", ...files })) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  }
  const pkg = { name: `@tead/${short}`, exports: { ".": "./dist/index.mjs" }, ...manifest };
  return { short, folder: target, pkg };
}

const tensor = () => make("tensor", {});
const peer = { peerDependencies: { "@tead/tensor": ">=0.1.0 <1.0.0" } };

test("packages that keep the rules have no problems", () => {
  const nn = make("nn", { "src/index.ts": 'import { zeros } from "@tead/tensor";' }, peer);
  expect(layerProblems([tensor(), nn])).toEqual([]);
});

test("a package that imports a backend is named with its place", () => {
  const cpu = make("backend-cpu", {});
  const nn = make("nn", { "src/index.ts": '\nexport * from "@tead/backend-cpu";' });
  expect(layerProblems([cpu, nn]).join()).toMatch(
    /src\/index\.ts:2: Cannot import "@tead\/backend-cpu" in @tead\/nn: expected @tead\/tensor$/,
  );
});

test("a test may import a backend", () => {
  const cpu = make("backend-cpu", {});
  const nn = make("nn", { "test/a.test.ts": 'import { cpu } from "@tead/backend-cpu";' });
  expect(layerProblems([cpu, nn])).toEqual([]);
});

test("an allowed sibling must be a peer", () => {
  const nn = make("nn", { "src/index.ts": 'import type { Tensor } from "@tead/tensor";' });
  expect(layerProblems([tensor(), nn]).join()).toContain("expected it under peerDependencies");
});

test("a sibling as a plain dependency is refused", () => {
  const nn = make("nn", {}, { dependencies: { "@tead/tensor": "*" } });
  expect(layerProblems([nn]).join()).toContain("siblings are peers");
});

test("an entry that no package exports is refused", () => {
  const nn = make("nn", { "src/index.ts": 'import "@tead/tensor/src/shape.ts";' }, peer);
  expect(layerProblems([tensor(), nn]).join()).toContain("no package exports it");
});

test("a relative import that leaves the package is refused", () => {
  const nn = make("nn", { "test/a.test.ts": 'import "../../tensor/src/index.ts";' });
  expect(layerProblems([tensor(), nn]).join()).toContain("expected a path inside the package");
});

test("a Node module below a portable entry is refused, however deep", () => {
  const files = { "src/index.ts": 'import "./a.ts";', "src/a.ts": 'await import("node:fs");' };
  expect(layerProblems([make("nn", files)]).join()).toMatch(
    /src\/a\.ts:1: Cannot import "node:fs" in what "\." of @tead\/nn reaches/,
  );
});

test("the node entry may import Node modules", () => {
  const files = { "src/node.ts": 'import { open } from "node:fs/promises";' };
  const exports = { ".": "./dist/index.mjs", "./node": "./dist/node.mjs" };
  expect(layerProblems([make("data", files, { exports })])).toEqual([]);
});

test("a circle of value imports is shown", () => {
  const files = {
    "src/a.ts": 'import { b } from "./b.ts";',
    "src/b.ts": 'import { a } from "./a.ts";',
  };
  expect(layerProblems([make("tensor", files)]).join()).toMatch(
    /in a circle by value: .*a\.ts -> .*b\.ts -> .*a\.ts/,
  );
});

test("a circle of type imports is allowed", () => {
  const files = {
    "src/a.ts": 'import type { B } from "./b.ts";',
    "src/b.ts": 'import { a } from "./a.ts";',
  };
  expect(layerProblems([make("tensor", files)])).toEqual([]);
});

test("an undeclared dependency is refused", () => {
  const nn = make("nn", { "src/index.ts": 'import { PNG } from "pngjs/browser";' });
  expect(layerProblems([nn]).join()).toContain('expected "pngjs" under dependencies');
});

test("tensor has no dependencies", () => {
  const problems = layerProblems([make("tensor", {}, { dependencies: { pngjs: "*" } })]);
  expect(problems.join()).toContain("@tead/tensor has no dependencies");
});

test("imports are told from type imports", () => {
  const text =
    'import type { A } from "a";\nexport type { B } from "b";\nlet c: import("c").C;\nimport "d";';
  expect(importsOf("x.ts", text).map(({ specifier, value }) => [specifier, value])).toEqual([
    ["a", false],
    ["b", false],
    ["c", false],
    ["d", true],
  ]);
});
