// Runs pnpm at the pinned version, without asking that it be installed: npx, which comes with Node, fetches it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { readJson, root } from "./workspace.mjs";

/** The package specifier of the pinned version: "pnpm@12.21.0". */
export const pinnedPnpm = readJson(join(root, "package.json")).packageManager;

/** The environment for programs that the scripts start: quiet, and without telemetry. */
export const quietEnvironment = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: "1",
  npm_config_update_notifier: "false",
  npm_config_loglevel: process.env.npm_config_loglevel ?? "error",
};

/**
 * Runs `pnpm <args>` in the root folder and returns its exit status.
 * @param args - what stands after `pnpm`
 * @param options - of spawnSync
 */
export function pnpm(args, options = {}) {
  const onWindows = process.platform === "win32";
  const { status, error } = spawnSync("npx", ["--yes", pinnedPnpm, ...args], {
    cwd: root,
    stdio: "inherit",
    env: quietEnvironment,
    shell: onWindows,
    ...options,
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}
