// `pnpm bench:webgpu`: counts the work of training steps on WebGPU and writes the tables into bench/README.md. With
// `--matmul 4096` or `--cnn 256` it takes times instead, beside PyTorch's on the same card.
// Fails where a fused kernel saves nothing, or a step allocates after warm-up. Other options: --python PATH, --no-write.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleToFile } from "../../tools/bundle.mjs";
import { root } from "../../tools/workspace.mjs";

const { values } = parseArgs({
  options: {
    matmul: { type: "string" },
    cnn: { type: "string" },
    python: { type: "string", default: "/usr/bin/python3" },
    "no-write": { type: "boolean", default: false },
  },
});

// The software driver of Debian's chromium, where no driver is chosen and there is no GPU.
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
const env = { ...process.env };
if (existsSync(softwareDriver) && !existsSync("/dev/nvidia0") && !existsSync("/dev/dri"))
  env.VK_DRIVER_FILES ??= softwareDriver;

// Beside the package `webgpu`, which the bundle looks for when it runs.
const parent = join(root, "packages/backend-webgpu/node_modules/.bench");
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, "run-"));
let failed = false;
try {
  const program = await bundleToFile(join(root, "bench/src/webgpu-program.mjs"), folder);
  const wanted = ["matmul", "cnn"].filter((task) => values[task] !== undefined);
  for (const task of wanted) time(program, task, values[task]);
  if (wanted.length === 0) failed = !count(program);
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed ? 1 : 0;

/** Runs a program that prints one line of JSON last. */
function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr.trim() || `${command} failed`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

function time(program, task, size) {
  const ours = run(process.execPath, [program, task, size]);
  const { name } = ours;
  if (ours.result === undefined) {
    process.stdout.write(`${task} ${size}: skipped, ${name} is a driver in software\n`);
    return;
  }
  process.stdout.write(`${task} ${size} on ${name}: ${rate(task, size, ours.result)}\n`);
  try {
    const script = join(root, "bench/src/webgpu-pytorch.py");
    const theirs = run(values.python, [script, task, size]);
    const ratio = (theirs.result / ours.result).toFixed(2);
    process.stdout.write(
      `PyTorch on ${theirs.name}: ${rate(task, size, theirs.result)}; ` +
        `PyTorch's time over Tead's: ${ratio}\n`,
    );
  } catch (error) {
    process.stdout.write(`PyTorch is left out: ${error.message}\n`);
  }
}

function rate(task, size, ms) {
  if (task !== "matmul") return `${ms.toFixed(3)} ms a step`;
  return `${ms.toFixed(3)} ms, ${((2 * size ** 3) / ms / 1e9).toFixed(2)} TFLOP/s`;
}

/** Prints the tables; says whether every count is as it should be. */
function count(program) {
  const { steps, kernels } = run(process.execPath, [program, "counts"]);
  const stepLines = Object.entries(steps).map(
    ([name, { dispatches, submits, bytes, decomposed }]) =>
      `| ${name} | ${dispatches} | ${decomposed} | ${submits} | ${bytes} |`,
  );
  const kernelLines = kernels.map(
    ({ op, fused, decomposed }) => `| ${op} | ${fused} | ${decomposed} |`,
  );
  const table = [
    "One training step, batch 2, after warm-up.",
    "",
    "| step | dispatches | with no fused kernel | submits | bytes newly allocated |",
    "|---|---|---|---|---|",
    ...stepLines,
    "",
    "Commands (dispatches, and copies between buffers) of each fused op:",
    "",
    "| op | fused | decomposed |",
    "|---|---|---|",
    ...kernelLines,
    "",
  ].join("\n");
  process.stdout.write(table);
  const useless = kernels.filter(({ fused, decomposed }) => fused >= decomposed);
  for (const { op } of useless) process.stderr.write(`${op}: the fused kernel saves nothing\n`);
  const greedy = Object.entries(steps).filter(([, { bytes }]) => bytes > 0);
  for (const [name, { bytes }] of greedy)
    process.stderr.write(`${name}: a step allocates ${bytes} bytes after warm-up\n`);
  if (!values["no-write"]) write(table);
  return useless.length === 0 && greedy.length === 0;
}

function write(table) {
  const readme = new URL("../README.md", import.meta.url);
  const text = readFileSync(readme, "utf8");
  const block = `<!-- webgpu counts -->\n${table}<!-- end webgpu counts -->`;
  const pattern = /<!-- webgpu counts -->[\s\S]*<!-- end webgpu counts -->/;
  const section = `\n## WebGPU
\`pnpm bench:webgpu\` counts the work of a training step and writes it here; it fails where a fused kernel
saves nothing or a step allocates. \`pnpm bench:webgpu --matmul 4096 --cnn 256\` takes times on a GPU,
beside PyTorch's on the same card.

${block}\n`;
  writeFileSync(readme, pattern.test(text) ? text.replace(pattern, block) : `${text}${section}`);
}
