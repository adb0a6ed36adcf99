// The Node versions that the library supports, and how a script runs a program on one of them, or on Deno or Bun.
import { spawnSync } from "node:child_process";
import { quietEnvironment } from "./pnpm.mjs";
import { root } from "./workspace.mjs";

/** Every release line that is tested; the first is the oldest supported. */
export const nodeVersions = ["20", "22", "24", "26"];

/** The command line that starts a program of JavaScript on a runtime. */
function commandFor(runtime) {
  if (runtime === "current") return [process.execPath];
  if (runtime === "deno") return ["npx", "--yes", "deno", "run", "--allow-all", "--no-lock"];
  if (runtime === "bun") return ["npx", "--yes", "bun"];
  return ["npx", "--yes", `node@${runtime}`];
}

/**
 * Runs a program in the root folder; npm packages bring the runtimes.
 * @param runtime - a release line, "deno", "bun", or "current" for the Node that runs this script
 * @returns the exit status, the output (unless `stdio` is "inherit"), and the seconds it took
 */
export function runOn(runtime, args, options = {}) {
  const [command, ...rest] = commandFor(runtime);
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

/** The runtimes named on the command line, `all` for every Node; the current Node where none is. */
export function runtimesFromArguments() {
  const named = process.argv.slice(2);
  if (named.length === 0) return ["current"];
  return named.includes("all") ? nodeVersions : named;
}
