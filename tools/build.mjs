// `pnpm build [package...]`: builds all packages, or the named ones and what they need. What did not change since
// the last build is not built again. Prints the build's output only where it fails.
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { pinnedPnpm, quietEnvironment } from "./pnpm.mjs";
import { root } from "./workspace.mjs";

/**
 * Builds what is out of date.
 * @param names - packages to build with what they depend on; none means all
 * @throws Error with the build's output if it fails
 */
export function build(names = []) {
  const filters = names.map((name) => `--filter=${name}...`);
  // turbo looks for the package manager on the path: pnpm exec puts it there.
  const args = ["--yes", pinnedPnpm, "exec", "turbo", "run", "build", "--output-logs=errors-only"];
  const { status, stdout, stderr, error } = spawnSync("npx", [...args, ...filters], {
    cwd: root,
    encoding: "utf8",
    env: quietEnvironment,
    shell: process.platform === "win32",
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`Build: turbo ended with ${status}\n${stdout}${stderr}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    build(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
