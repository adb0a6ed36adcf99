// Bundles a program of these tests from the sources, for Node or a page.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Where the source of an entry such as "@tead/tensor/kernel-kit" stands. */
const sourceOf = (specifier: string): string => {
  const [, name, entry = "index"] = specifier.split("/");
  const base = fileURLToPath(new URL(`../../../${name}/src/${entry}`, import.meta.url));
  return existsSync(`${base}.ts`) ? `${base}.ts` : `${base}/index.ts`;
};

/** The text of one ES module with everything that `file`, beside this one, imports. */
export async function bundled(file: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
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
