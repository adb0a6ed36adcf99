// `pnpm bench`: every engine in turn, several rounds in one run, so that a machine whose speed
// drifts treats all alike. Writes the table with the ratios into bench/README.md.
// Options: --rounds N, --node PATH, --no-write, and names of rows.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

const { values, positionals: rows } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    node: { type: "string", default: process.execPath },
    python: { type: "string", default: "/usr/bin/python3" },
    "no-write": { type: "boolean", default: false },
  },
});

// The libraries to compare with are large, so they are no part of the workspace: installed here, once.
const here = new URL("..", import.meta.url).pathname;
if (!existsSync(`${here}node_modules/tinybench`)) {
  const install = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", install, { cwd: here, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const file = (name) => new URL(`./engines/${name}`, import.meta.url).pathname;
const engines = {
  Tead: [values.node, file("tead.mjs")],
  PyTorch: [values.python, file("pytorch.py")],
  "tfjs wasm": [values.node, file("tfjs-wasm.mjs")],
  "jax-js wasm": [values.node, file("jax-js.mjs")],
};
const oneThread = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

function runOnce(name) {
  const [program, script] = engines[name];
  const { status, stdout, stderr } = spawnSync(program, [script, ...rows], {
    encoding: "utf8",
    env: oneThread,
  });
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1));
  process.stderr.write(`${name} is left out: ${stderr.trim().split("\n").at(-1)}\n`);
  return {};
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const result = {};
  for (const name of Object.keys(engines)) {
    process.stderr.write(`round ${round + 1} of ${values.rounds}: ${name}\n`);
    result[name] = runOnce(name);
  }
  rounds.push(result);
}

const time = (name, row) => {
  const list = rounds.map((r) => r[name][row]).filter((x) => x !== undefined);
  return list.length === 0 ? undefined : median(list);
};
/** The engine's time over Tead's, round by round. */
const ratio = (name, row) => {
  const list = rounds.map((r) => r[name][row] / r.Tead[row]).filter((x) => !Number.isNaN(x));
  return list.length === 0 ? undefined : median(list);
};

const inUnits = (ms) => {
  if (ms === undefined) return "-";
  return ms < 0.1 ? `${(ms * 1000).toFixed(2)} us` : `${ms.toPrecision(3)} ms`;
};
const inTimes = (x) => (x === undefined ? "" : ` (${x.toFixed(2)})`);

const names = Object.keys(engines);
const rowNames = [...new Set(rounds.flatMap((r) => Object.values(r).flatMap(Object.keys)))];
const others = names.slice(1);
const lines = [
  `| work | ${names.join(" | ")} |`,
  `|---|${names.map(() => "---").join("|")}|`,
  ...rowNames.map((row) => {
    const cells = others.map((name) => `${inUnits(time(name, row))}${inTimes(ratio(name, row))}`);
    return `| ${row} | ${inUnits(time("Tead", row))} | ${cells.join(" | ")} |`;
  }),
];
const version = spawnSync(values.node, ["--version"], { encoding: "utf8" }).stdout.trim();
const where = `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model.trim()}, ${cpus().length} cores, one thread`;
const table = `Node ${version}, ${where}.\n\n${lines.join("\n")}\n`;
process.stdout.write(table);

if (!values["no-write"] && rows.length === 0) {
  const readme = new URL("../README.md", import.meta.url);
  const mark = `node ${version.split(".")[0]}`;
  const text = readFileSync(readme, "utf8");
  const block = `<!-- ${mark} -->\n${table}<!-- end ${mark} -->`;
  const pattern = new RegExp(`<!-- ${mark} -->[^]*<!-- end ${mark} -->`);
  writeFileSync(readme, pattern.test(text) ? text.replace(pattern, block) : `${text}\n${block}\n`);
}
