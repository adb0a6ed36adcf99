// @tead/checkpoint in Chromium: the file system of browsers, Blobs, models.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { chromium, runInChromium } from "../../../packages/backend-webgpu/test/browser/chromium.ts";

/** Where the source of an entry such as "@tead/tensor/kernel-kit" stands. */
function sourceOf(specifier: string): string {
  const [, name, entry = "index"] = specifier.split("/");
  const path = fileURLToPath(new URL(`../../../packages/${name}/src/${entry}`, import.meta.url));
  return existsSync(`${path}.ts`) ? `${path}.ts` : `${path}/index.ts`;
}

async function bundled(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("./checkpoint-page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
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

interface Report {
  readonly losses: number[];
  readonly again: number[];
  readonly files: string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly part: number[];
  readonly whole: number[];
}

const runs = chromium !== undefined || process.env.CI === "true";
describe.skipIf(!runs)("in Chromium (skipped where there is none)", () => {
  it("training runs, models and files live in the browser", { timeout: 120_000 }, async () => {
    const report = (await runInChromium(await bundled(), "")) as Report;
    expect(report).not.toHaveProperty("error");
    expect(report.losses).toHaveLength(4);
    expect(report.again).toEqual(report.losses);
    expect(report.files.length).toBeGreaterThanOrEqual(3);
    expect(report.files.every((name) => /^step-\d+-\d+\.ckpt$/.test(name))).toBe(true);
    expect(report.after).toEqual(report.before);
    expect([report.part, report.whole]).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });
});
