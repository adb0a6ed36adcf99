// What training steps of the three reference networks hold at most, beside PyTorch: resident memory above what stands
// after the import, and the bytes of live tensors. `--json` prints the figures, in bytes, else a table in MB.
// Options: --node PATH, --python PATH. Each figure comes from a process of its own, after a build.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    node: { type: "string", default: process.execPath },
    python: { type: "string", default: "/usr/bin/python3" },
    program: { type: "string", default: file("memory-tead.mjs") },
  },
});

function file(name) {
  return fileURLToPath(new URL(`engines/${name}`, import.meta.url));
}

const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
function measured(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env });
  if (status === 0) return JSON.parse(stdout);
  process.stderr.write(
    `${program} ${args.join(" ")} is left out: ${stderr.trim().split("\n").at(-1)}\n`,
  );
  return {};
}

const networks = {
  "MLP 784-128-10, batch 64, Adam": "mlp",
  "tutorial CNN, batch 64, SGD": "cnn",
  "resnet18, batch 8, SGD": "resnet18",
};
const results = {};
for (const [title, name] of Object.entries(networks))
  results[title] = {
    scope: measured(values.node, [values.program, name, "scope"]),
    plain: measured(values.node, [values.program, name, "plain"]),
    pytorch: measured(values.python, [file("memory-pytorch.py"), name]),
  };

const megabytes = (bytes) => (bytes === undefined ? "-" : (bytes / 2 ** 20).toFixed(1));
const beside = (bytes, other) =>
  other === undefined ? megabytes(bytes) : `${megabytes(bytes)} (${(bytes / other).toFixed(2)})`;
const rows = Object.entries(results).map(([title, { scope, plain, pytorch }]) => {
  const cells = [beside(scope.tensors, pytorch.tensors), megabytes(pytorch.tensors)];
  cells.push(beside(scope.resident, pytorch.resident), beside(plain.resident, pytorch.resident));
  return `| ${title} | ${[...cells, megabytes(pytorch.resident)].join(" | ")} |`;
});
const head = [
  "step, MB",
  "tensors",
  "PyTorch",
  "resident, in a scope",
  "resident, plain",
  "PyTorch",
];
const table = [`| ${head.join(" | ")} |`, "|---|---|---|---|---|---|", ...rows].join("\n");
process.stdout.write(`${values.json ? JSON.stringify(results) : table}\n`);
