// `npm start [-- options]`: makes a fresh clone ready, builds what the main example needs and runs it with the
// options. The example runs in this process, so that Ctrl-C and the exit status are its own.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import "./bootstrap.mjs";
import { build } from "./build.mjs";
import { root } from "./workspace.mjs";

const program = join(root, "examples/digits/dist/main.mjs");

try {
  build(["@tead/example-digits"]);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.setSourceMapsEnabled(true);
process.argv[1] = program;
await import(pathToFileURL(program).href);
