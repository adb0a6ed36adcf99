// The compiler's work has two ceilings: on a user's program, which only reads declarations and
// pays on every keystroke, and on the tensor package's sources, whose types grow with the ops.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { build } from "../../build.mjs";
import { cacheFolder, root } from "../../workspace.mjs";

const folder = join(cacheFolder, "types-test");

/** What the compiler reports on the files that `include` names: numbers by name. */
function compilerReport(include, compilerOptions = {}) {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const project = join(folder, "tsconfig.json");
  const config = { extends: join(root, "tsconfig.json"), include: [include], compilerOptions };
  writeFileSync(project, JSON.stringify(config));
  const args = [tsc, "-p", project, "--extendedDiagnostics"];
  const output = execFileSync(process.execPath, args, { encoding: "utf8" });
  return Object.fromEntries(
    [...output.matchAll(/^(.+?):\s+([\d.]+)/gm)].map(([, name, value]) => [name, Number(value)]),
  );
}

beforeAll(() => mkdirSync(folder, { recursive: true }));

test("a user's program checks in a fraction of the time it takes to parse", () => {
  build(["@tead/tensor"]);
  const program = `
    import { tensor } from "${join(root, "packages/tensor/dist/index.mjs")}";
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const loss = x.mul(2).unsqueeze(0).matmul(x).sum().itemSync();
    console.log(loss);`;
  writeFileSync(join(folder, "program.ts"), program);
  const report = compilerReport(join(folder, "program.ts"), { paths: {} });
  expect(report.Instantiations).toBeLessThan(2_000);
  expect(report["Check time"]).toBeLessThan(report["Parse time"]);
});

test("the types of the tensor package stay simple", () => {
  const report = compilerReport(join(root, "packages/tensor/src"));
  expect(report.Instantiations).toBeLessThan(100_000);
  expect(report.Instantiations / report["Lines of TypeScript"]).toBeLessThan(6);
});
