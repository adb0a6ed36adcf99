// Runs mutate.ts against the sources, on every Node that the library runs on.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { cacheFolder, publishedEntries } from "../../../../tools/workspace.mjs";

mkdirSync(cacheFolder, { recursive: true });
const outfile = join(cacheFolder, "mutate.mjs");
await build({
  entryPoints: [fileURLToPath(new URL("mutate.ts", import.meta.url))],
  outfile,
  alias: Object.fromEntries(publishedEntries().map(({ specifier, source }) => [specifier, source])),
  bundle: true,
  // The sources say "sideEffects" of their built files.
  ignoreAnnotations: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
await import(pathToFileURL(outfile).href);
