// The Node versions that the library supports, and how a script runs a program on one of them.
import { spawnSync } from "node:child_process";
import { quietEnvironment } from "./pnpm.mjs";
import { root } from "./workspace.mjs";

/** Every release line that is tested; the first is the oldest supported. */
export const nodeVersions = ["20", "22", "24", "26"];

/**
 * Runs `node <args>` in the root folder on a release line, which the npm package `node` brings.
 * @param version - a release line, or "current" for the Node that runs this script
 * @returns the exit status, the output (unless `stdio` is "inherit"), and the seconds it took
 */
export function runOnNode(version, args, options = {}) {
  const [command, ...rest] =
    version === "current" ? [process.execPath] : ["npx", "--yes", `node@${version}`];
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, [...rest, ...args], {
    cwd: root,
    encoding: "utf8",
    env: quietEnvironment,
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  const seconds = (performance.now() - start) / 1000;
  const output = error === undefined ? `${stdout ?? ""}${stderr ?? ""}` : error.message;
  return { ok: status === 0, output, seconds };
}

/** The release lines named on the command line, `all` for every one; the current Node where none is. */
export function versionsFromArguments() {
  const named = process.argv.slice(2);
  if (named.length === 0) return ["current"];
  return named.includes("all") ? nodeVersions : named;
}
