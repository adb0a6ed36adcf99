// The built packages in a bundler, for a browser: every portable entry bundles without a Node module, and a program
// that imports one function runs from the bundle.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../../build.mjs";
import { cacheFolder, publishedEntries, root } from "../../workspace.mjs";

let folder;
beforeAll(() => {
  build();
  mkdirSync(cacheFolder, { recursive: true });
  folder = mkdtempSync(join(cacheFolder, "bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const bundleProgram = (contents) =>
  bundle({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
    tsconfigRaw: {}, // not the aliases to the sources
  });

const portable = publishedEntries().filter(({ subpath }) => !/(^|\/)node$/.test(subpath));

for (const { specifier } of portable) {
  test(`${specifier} bundles for a browser`, async () => {
    const { warnings } = await bundleProgram(`export * from "${specifier}";`);
    expect(warnings.map(({ text }) => text)).toEqual([]);
  });
}

test("a bundle of one creation function runs: its modules come in a good order", async () => {
  const { outputFiles } = await bundleProgram(`
    import { cpu } from "@tead/backend-cpu";
    import { zeros } from "@tead/tensor";
    export const values = await zeros([2], { device: cpu() }).tolist();
  `);
  const file = join(folder, "bundle.mjs");
  writeFileSync(file, outputFiles[0].contents);
  const { values } = await import(/* @vite-ignore */ pathToFileURL(file).href);
  expect(values).toEqual([0, 0]);
});
