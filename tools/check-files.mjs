// `node tools/check-files.mjs`: what can be said of a file by reading it alone. No source has more than 500 lines
// (over 300 is told), every source but a test opens with a comment, and nothing names the machine it was written on.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./workspace.mjs";

const longest = 500;
const long = 300;

/** Generated or recorded, not written. */
const notWritten = /(^|\/)(fixtures|generated|api)\/|pnpm-lock\.yaml$|CHANGELOG\.md$/;
/** So short that it says what it is. */
const veryShort = 3;
const source = /\.(ts|mts|js|mjs|py|wgsl)$/;
const text = /\.(ts|mts|js|mjs|py|sh|md|json|yaml|yml|html|wgsl|txt)$|(^|\/)(run|LICENSE)$/;

/** Absolute paths of a home or a build machine, and addresses of its network. */
const machineNames = [
  { pattern: /(?<![\w.@/-])\/(work|home|Users|root|mnt|private|data\d*)\/[\w.-]+/, what: "a path" },
  { pattern: /(?<![\w-])\.\.\/shared\//, what: "a path beside the checkout" },
  { pattern: /\b[A-Z]:\\Users\\/, what: "a path" },
  { pattern: /\b(10|192\.168)(\.\d{1,3}){2,3}\b/, what: "an address" },
  { pattern: /https?:\/\/[\w-]+\.(local|internal|corp)\b/, what: "a host" },
];

/** What is wrong with one file: `{ errors, warnings }`, each a list of lines to print. */
export function fileProblems(path, content) {
  const errors = [];
  const warnings = [];
  const lines = content.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (source.test(path)) {
    if (lines.length > longest) {
      errors.push(`${path}: Cannot have ${lines.length} lines: expected ${longest} at most`);
    } else if (lines.length > long) {
      warnings.push(`${path}: ${lines.length} lines, more than ${long} need a reason`);
    }
    const first = lines.find((line) => line.trim() !== "" && !line.startsWith("#!")) ?? "";
    const needsHeader = lines.length > veryShort && !/\.test\.\w+$/.test(path);
    if (needsHeader && !/^\s*(\/\/|\/\*|#|""")/.test(first)) {
      errors.push(
        `${path}:1: Cannot open without a comment: expected what lives here, in 1-4 lines`,
      );
    }
  }
  lines.forEach((line, i) => {
    for (const { pattern, what } of machineNames) {
      const match = pattern.exec(line);
      if (match !== null) {
        errors.push(`${path}:${i + 1}: Cannot name ${what} of one machine: "${match[0]}"`);
      }
    }
  });
  return { errors, warnings };
}

/** The files that git tracks or would track. */
function writtenFiles() {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const names = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0");
  return names.filter((name) => text.test(name) && !notWritten.test(name)).sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const errors = [];
  const warnings = [];
  for (const name of writtenFiles()) {
    let content;
    try {
      content = readFileSync(join(root, name), "utf8");
    } catch (error) {
      if (error.code === "ENOENT") continue; // deleted, not yet committed
      throw error;
    }
    const found = fileProblems(name, content);
    errors.push(...found.errors);
    warnings.push(...found.warnings);
  }
  for (const line of warnings) console.log(line);
  for (const line of errors) console.error(line);
  if (errors.length > 0) {
    console.error(`Files: ${errors.length} problems`);
    process.exit(1);
  }
}
