// `pnpm bench`: all rows on all engines, with one thread and with two, on Node 20 and Node 24, several rounds in one run,
// so that a machine whose speed drifts treats all alike. Writes the tables with the ratios into bench/README.md.
// Options: --node VERSION-OR-PATH and --threads N (both as often as wanted), --engine NAME (the same), --rounds N,
// --python PATH, --no-write, --no-build; then parts of names of rows. Names of rows or engines write nothing.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { build } from "../../tools/build.mjs";
import { engineNames, runEngine } from "./engines.mjs";
import { notWritten, rows } from "./rows.mjs";
import { memoryTable, table } from "./tables.mjs";

const several = (list) => ({ type: "string", multiple: true, default: list });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: several(["20", "24"]),
    threads: several(["1", "2"]),
    engine: several([]),
    rounds: { type: "string", default: "3" },
    python: { type: "string", default: "/usr/bin/python3" },
    "no-write": { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false },
  },
});

const isMeant = (list, name) =>
  list.some((part) => name.toLowerCase().includes(part.toLowerCase()));
const chosenRows =
  positionals.length === 0 ? rows : rows.filter((row) => isMeant(positionals, row.name));
const chosenEngines = engineNames.filter(
  (name) => name === "Tead" || values.engine.length === 0 || isMeant(values.engine, name),
);
const withMemory = positionals.length === 0 || isMeant(positionals, "memory");
const whole = chosenRows.length === rows.length && chosenEngines.length === engineNames.length;

prepare();
for (const node of values.node.map(pathOfNode)) {
  const text = tablesOn(node);
  process.stdout.write(text.content);
  if (whole && !values["no-write"]) write(text);
}

function prepare() {
  if (chosenRows.length === 0 && !withMemory)
    throw new Error(`No row is called ${positionals.join(" or ")}`);
  if (!values["no-build"]) build();
  // The libraries to compare with are large, so they are no part of the workspace: installed here.
  const here = new URL("..", import.meta.url).pathname;
  const { dependencies } = JSON.parse(readFileSync(`${here}package.json`, "utf8"));
  if (Object.keys(dependencies).every((name) => existsSync(`${here}node_modules/${name}`))) return;
  const install = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", install, { cwd: here, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** The program of a Node given by version or path; npm brings a version that does not run here. */
function pathOfNode(node) {
  if (!/^\d+$/.test(node)) return node;
  if (process.version.startsWith(`v${node}.`)) return process.execPath;
  const args = ["--yes", `node@${node}`, "-p", "process.execPath"];
  const { status, stdout, stderr } = spawnSync("npx", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Node ${node} cannot be had: ${stderr}`);
  return stdout.trim();
}

/** The tables of one Node: { version, content }. */
function tablesOn(node) {
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  const threadCounts = chosenRows.length === 0 ? [] : values.threads;
  const parts = threadCounts.map((threads) => {
    const reasons = new Map();
    const measured = chosenRows.filter((row) => row.threads?.includes(Number(threads)) ?? true);
    const rounds = Array.from({ length: Number(values.rounds) }, (_, round) => {
      const where = `Node ${version}, ${threads} threads, round ${round + 1} of ${values.rounds}`;
      return Object.fromEntries(
        chosenEngines.map((name) => {
          process.stderr.write(`${where}: ${name}\n`);
          return [name, timesOn(name, node, threads, measured, reasons)];
        }),
      );
    });
    const title = threads === "1" ? "One thread" : `${threads} threads`;
    return `${title}:\n\n${table(measured, rounds, chosenEngines)}\n${dashes(reasons, measured)}`;
  });
  const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores`;
  const head = `Node ${version}, ${new Date().toISOString().slice(0, 10)}, ${machine}.\n`;
  if (withMemory) parts.push(memoryOn(node, version));
  return { version, content: [head, ...parts].join("\n") };
}

/** What training steps hold at most, measured by memory.mjs. */
function memoryOn(node, version) {
  process.stderr.write(`Node ${version}: memory\n`);
  const program = new URL("memory.mjs", import.meta.url).pathname;
  const args = [program, "--json", "--node", node, "--python", values.python];
  const options = { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
  const { status, stdout } = spawnSync(process.execPath, args, options);
  if (status !== 0) throw new Error("memory.mjs failed");
  const table = memoryTable(JSON.parse(stdout.trim().split("\n").at(-1)));
  return `Peak memory, beyond the libraries themselves; to reach: 1.3 times PyTorch's:\n\n${table}\n`;
}

/** The times of one engine in one round by row; why one is missing goes to stderr and into `reasons`. */
function timesOn(name, node, threads, measured, reasons) {
  const program = name === "PyTorch" ? values.python : node;
  const { times, failures } = runEngine(name, {
    program,
    threads,
    names: measured.map((x) => x.name),
  });
  for (const { row, reason } of failures) {
    const what = `${name}: ${row}: ${reason}`;
    if (!reasons.has(what)) process.stderr.write(`  no time for ${what}\n`);
    reasons.set(what, { name, row, reason });
  }
  return times;
}

/** Says under a table why there are dashes, one line for each engine and reason. */
function dashes(reasons, measured) {
  const lines = new Map();
  for (const { name, row, reason } of reasons.values()) {
    if (reason === notWritten) continue;
    const key = `${name}: ${reason}`;
    lines.set(key, [...(lines.get(key) ?? []), row]);
  }
  const list = [...lines].map(([key, names]) => {
    return `- ${key} (${names.length === measured.length ? "all rows" : names.join("; ")})\n`;
  });
  return list.length === 0 ? "" : `\nNo time:\n\n${list.join("")}`;
}

function write({ version, content }) {
  const readme = new URL("../README.md", import.meta.url);
  const mark = `node ${version.split(".")[0]}`;
  const text = readFileSync(readme, "utf8");
  const block = `<!-- ${mark} -->\n${content}<!-- end ${mark} -->`;
  const pattern = new RegExp(`<!-- ${mark} -->[^]*<!-- end ${mark} -->`);
  writeFileSync(
    readme,
    pattern.test(text) ? text.replace(pattern, () => block) : `${text}\n${block}\n`,
  );
}
