// The compiler's work on the tensor package has a ceiling: users pay it on every keystroke.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder, root } from "../../workspace.mjs";

const limitSeconds = 3;
const limitInstantiations = 100_000;

/** What the compiler parses on an idle machine. A busy one is slow at everything, so its times are scaled by this. */
const linesPerSecond = 110_000;

/** The numbers of the compiler's report on the tensor package, by name. */
function compilerReport() {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const project = join(cacheFolder, "tensor-types.json");
  const config = {
    extends: join(root, "tsconfig.json"),
    include: [join(root, "packages/tensor/src")],
  };
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(project, JSON.stringify(config));
  const args = [tsc, "-p", project, "--extendedDiagnostics"];
  const output = execFileSync(process.execPath, args, { encoding: "utf8" });
  return Object.fromEntries(
    [...output.matchAll(/^(.+?):\s+([\d.]+)/gm)].map(([, name, value]) => [name, Number(value)]),
  );
}

test("the tensor package checks its types in less than 3 s", () => {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && best >= limitSeconds; i++) {
    const report = compilerReport();
    expect(report.Instantiations).toBeLessThan(limitInstantiations);
    const lines =
      report["Lines of Library"] + report["Lines of Definitions"] + report["Lines of TypeScript"];
    const slowness = report["Parse time"] / (lines / linesPerSecond);
    best = Math.min(best, report["Check time"] / Math.max(1, slowness));
  }
  expect(best).toBeLessThan(limitSeconds);
});
