// `node tools/check-exports.mjs`: publint over every package as it would be packed. Anything it says fails.
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { build } from "./build.mjs";
import { packages } from "./workspace.mjs";

build();
let count = 0;
for (const { folder, pkg } of packages()) {
  const { messages } = await publint({
    pkgDir: folder,
    level: "suggestion",
    strict: true,
    pack: "npm",
  });
  for (const message of messages) {
    count++;
    console.error(`${pkg.name}: ${formatMessage(message, pkg)}`);
  }
}
if (count > 0) {
  console.error(`Exports: ${count} problems`);
  process.exit(1);
}
