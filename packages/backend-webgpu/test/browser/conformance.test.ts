// The conformance kit in Chromium. A sample of ops from every family by default; all of them with
// TEAD_BROWSER_OPS=all.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Report } from "@tead/conformance";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { chromium, runInChromium } from "./chromium.ts";

const sample =
  "backend,add,copy,where,sum,matmul,softmax,layerNorm,embedding,scatterAdd,sort,cumsum,maxPool,nllLoss,adamUpdate";
const ops = process.env.TEAD_BROWSER_OPS ?? sample;

/** Where the source of an entry such as "@tead/tensor/kernel-kit" stands. */
function sourceOf(specifier: string): string {
  const [, name, entry = "index"] = specifier.split("/");
  const base = new URL(`../../../${name}/src/${entry}`, import.meta.url);
  const path = fileURLToPath(base);
  return existsSync(`${path}.ts`) ? `${path}.ts` : `${path}/index.ts`;
}

/** The page's script, of the sources of every package. */
async function bundled(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("./page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2023",
    ignoreAnnotations: true,
    plugins: [
      {
        name: "sources",
        setup: ({ onResolve }) => {
          onResolve({ filter: /^@tead\// }, ({ path }) => ({ path: sourceOf(path) }));
        },
      },
    ],
  });
  return result.outputFiles[0]?.text as string;
}

const runs = chromium !== undefined || process.env.CI === "true";
describe.skipIf(!runs)("the kit in Chromium (skipped where there is none)", () => {
  it("passes", { timeout: 900_000 }, async () => {
    const query = ops === "all" ? "" : `ops=${ops}`;
    const report = (await runInChromium(await bundled(), query)) as Report;
    expect(report).not.toHaveProperty("error");
    expect(report.results.filter(({ status }) => status !== "passed")).toEqual([]);
    const asked = new Set(report.results.map(({ op }) => op));
    expect(asked.size).toBeGreaterThanOrEqual(ops === "all" ? 150 : ops.split(",").length);
    expect(report).toMatchObject({ backend: "webgpu", passed: true });
    if (ops === "all")
      process.stdout.write(`${asked.size} ops, ${report.results.length} results\n`);
  });
});
