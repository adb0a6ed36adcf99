// Makes a fresh clone ready: installs the dependencies with the pinned pnpm, unless what is installed is already
// what the lock file says. Runs on Node alone, before any dependency is there.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "./pnpm.mjs";
import { root } from "./workspace.mjs";

/** pnpm leaves a copy of the lock file it installed, and writes the other file when it is done. */
function isInstalled() {
  const installed = join(root, "node_modules/.pnpm/lock.yaml");
  if (!existsSync(installed) || !existsSync(join(root, "node_modules/.modules.yaml"))) return false;
  return readFileSync(installed, "utf8") === readFileSync(join(root, "pnpm-lock.yaml"), "utf8");
}

if (!isInstalled()) {
  console.log("Installing the dependencies (once)");
  const status = pnpm(["install", "--frozen-lockfile"]);
  if (status !== 0) {
    console.error(`Bootstrap: Cannot install the dependencies: pnpm ended with ${status}`);
    process.exit(status);
  }
}
