// The digits example as a user runs it: on a folder of PNG files, interrupted and resumed, on a GPU (in software),
// on bad input.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpu } from "@tead/backend-cpu";
import { isAvailable } from "@tead/backend-webgpu";
import { loadCheckpoint } from "@tead/checkpoint/node";
import { SyntheticDigits } from "@tead/data";
import { writeImage } from "@tead/transforms/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../../build.mjs";
import { root } from "../../workspace.mjs";

const folder = mkdtempSync(join(tmpdir(), "tead-digits-"));
const data = join(folder, "data");
/** Few images, for a GPU in software. */
const fewData = join(folder, "few");

// The software driver that comes with Debian's chromium. Without an adapter the tests on a GPU are skipped and say
// so; with CI set they run, and fail.
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(softwareDriver)) process.env.VK_DRIVER_FILES ??= softwareDriver;
const hasGpu = (await isAvailable()) || process.env.CI === "true";
const gpuTest = hasGpu ? test : (title, body) => test.skip(`${title} (no WebGPU adapter)`, body);

/** Runs the example; `interruptAfter` is what it prints before it gets a Ctrl-C. */
function digits(args, interruptAfter, env = {}) {
  const program = join(root, "examples/digits/dist/main.mjs");
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  let interrupted = false;
  const hear = (text) => {
    output += text;
    if (!interruptAfter || interrupted || !output.includes(interruptAfter)) return;
    interrupted = true; // a second Ctrl-C would end it at once
    child.kill("SIGINT");
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

const options = (logDir) => [
  ...["--data", "folder", "--data-dir", data, "--log-dir", logDir],
  ...["--epochs", "4", "--batch-size", "8", "--seed", "3"],
];
/** Paths of a run's checkpoints, oldest first. */
const checkpoints = (logDir) => {
  const parent = join(logDir, "checkpoints");
  return readdirSync(parent)
    .sort()
    .map((name) => join(parent, name));
};
const newest = (logDir) => checkpoints(logDir).at(-1);

/** Writes digits as PNG files: `sizes` is how many of each split. */
async function writeDigits(parent, sizes) {
  for (const [split, size] of Object.entries(sizes)) {
    const images = new SyntheticDigits({ train: split === "train", size });
    for (const label of images.classes) mkdirSync(join(parent, split, label), { recursive: true });
    for (let i = 0; i < size; i++) {
      const [image, label] = images.getItem(i);
      await writeImage(join(parent, split, images.classes[label], `${i}.png`), image);
    }
  }
}

beforeAll(async () => {
  build(["@tead/example-digits"]);
  await writeDigits(data, { train: 200, test: 40 });
  await writeDigits(fewData, { train: 40, test: 10 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("it trains on a folder, and leaves pictures, an event log and a checkpoint", async () => {
  const logDir = join(folder, "whole");
  const { code, output } = await digits(options(logDir));
  expect(output).toMatch(/200 training and 40 test images/);
  expect(output).toMatch(/epoch 4\/4: loss/);
  expect(output.trim().split("\n").at(-1)).toMatch(/^Test accuracy .* are in /);
  expect(code).toBe(0);
  const files = readdirSync(logDir).map((name) => name.replace(/^events.*/, "events"));
  expect(files.sort()).toEqual(["checkpoints", "confusion.png", "events", "mistakes.png"]);
  expect(checkpoints(logDir).length).toBeGreaterThanOrEqual(2);
});

test("Ctrl-C finishes the step, saves, exits 130, and --resume ends with the same weights", async () => {
  const logDir = join(folder, "interrupted");
  const stopped = await digits(options(logDir), "epoch 2/4");
  expect(stopped.output).toMatch(/Stopped after step \d+/);
  expect(stopped.code).toBe(130);
  const resumed = await digits([...options(logDir), "--resume"]);
  expect(resumed.output).not.toMatch(/epoch 1\/4/);
  expect(resumed.code).toBe(0);
  // Weights, momentum, learning rate, generator, place, metric: every byte of the last checkpoint.
  const [interrupted, whole] = [logDir, join(folder, "whole")].map((each) =>
    readFileSync(newest(each)),
  );
  expect(interrupted.equals(whole)).toBe(true);
});

test("other options than those of the checkpoint are refused before any work", async () => {
  const whole = join(folder, "whole");
  const { code, output } = await digits([...options(whole), "--seed", "4", "--resume"]);
  expect(output).toMatch(/Cannot go on from .*: expected --seed 3, received 4/);
  expect(code).toBe(1);
});

test("a truncated checkpoint is named with its offset; an older one, or one that is named, goes on", async () => {
  const logDir = join(folder, "interrupted");
  truncateSync(newest(logDir), 1000);
  const resumed = await digits([...options(logDir), "--resume"]);
  expect(resumed.output).toMatch(/Passed over .*Cannot read .*step-\d+-\d+\.ckpt: at byte 8: /);
  expect(resumed.code).toBe(0);
  const [oldest] = checkpoints(logDir);
  const named = await digits([...options(logDir), "--resume", oldest]);
  expect(named.code).toBe(0);
  for (const path of checkpoints(logDir)) truncateSync(path, 1000);
  const { code, output } = await digits([...options(logDir), "--resume"]);
  expect(output).toMatch(/resume: Cannot go on: expected a checkpoint that can be read/);
  expect(code).toBe(1);
});

test("a run that begins anew replaces the one before; --resume without one says so", async () => {
  const logDir = join(folder, "anew");
  for (let run = 0; run < 2; run++) {
    const { code } = await digits([...shortRun(logDir, "cpu"), "--epochs", "1"]);
    expect(code).toBe(0);
  }
  expect(checkpoints(logDir)).toHaveLength(1);
  const { code, output } = await digits([...shortRun(join(folder, "no"), "cpu"), "--resume"]);
  expect(output).toMatch(/--resume: Cannot go on: expected a checkpoint in .*, received none/);
  expect(code).toBe(1);
});

/** A run of sixteen steps, four an epoch. */
const shortRun = (logDir, device) => [
  ...["--data", "folder", "--data-dir", fewData, "--log-dir", logDir, "--device", device],
  ...["--epochs", "4", "--batch-size", "10", "--lr", "0.1", "--seed", "3"],
];

/** The weights and the optimizer's momentum of a run's last checkpoint, by name. */
async function numbersOf(logDir) {
  const { states } = await loadCheckpoint(newest(logDir), { device: cpu() });
  const { model, optimizer } = states;
  const momenta = [...optimizer.state].map(([i, state]) => [
    `momentum ${i}`,
    state.momentum_buffer,
  ]);
  const tensors = [...Object.entries(model), ...momenta];
  return tensors.map(([name, tensor]) => [name, tensor.dataSync()]);
}

async function expectSameNumbers(logDir, reference) {
  const expected = await numbersOf(reference);
  const actual = await numbersOf(logDir);
  expect(actual.map(([name]) => name)).toEqual(expected.map(([name]) => name));
  expected.forEach(([name, values], i) => {
    const most = Math.max(...values.map(Math.abs));
    const off = Math.max(...values.map((value, k) => Math.abs(value - actual[i][1][k])));
    expect(off / most, name).toBeLessThan(1e-3);
  });
}

gpuTest("a checkpoint of one device goes on on the other, to the numbers of the CPU", async () => {
  const [onCpu, toCpu, toGpu] = ["on-cpu", "to-cpu", "to-gpu"].map((name) => join(folder, name));
  await digits(shortRun(onCpu, "cpu"));

  const begunOnGpu = await digits(shortRun(toCpu, "webgpu"), "epoch 1/4");
  expect(begunOnGpu.output).toMatch(/40 training and 10 test images \(folder\), on webgpu/);
  expect(begunOnGpu.output).toMatch(/Stopped after step \d+;/);
  expect(begunOnGpu.code).toBe(130);
  const endedOnCpu = await digits([...shortRun(toCpu, "cpu"), "--resume"]);
  expect(endedOnCpu.code).toBe(0);
  await expectSameNumbers(toCpu, onCpu);

  const begunOnCpu = await digits(shortRun(toGpu, "cpu"), "epoch 2/4");
  expect(begunOnCpu.code).toBe(130);
  const endedOnGpu = await digits([...shortRun(toGpu, "webgpu"), "--resume"]);
  expect(endedOnGpu.output.trim().split("\n").at(-1)).toMatch(/^Test accuracy .* are in /);
  expect(endedOnGpu.code).toBe(0);
  await expectSameNumbers(toGpu, onCpu);
  expect(readdirSync(toGpu)).toEqual(expect.arrayContaining(["confusion.png", "mistakes.png"]));
});

test.skipIf(process.platform !== "linux")(
  "--device webgpu without a GPU says what to install, and does not train",
  async () => {
    const noDriver = { VK_DRIVER_FILES: join(folder, "nowhere.json"), DISPLAY: "" };
    const logDir = join(folder, "none");
    const { code, output } = await digits(shortRun(logDir, "webgpu"), undefined, noDriver);
    expect(output).toMatch(/--device webgpu: Cannot open a GPU: webgpu: No adapter/);
    expect(output).toMatch(/Hint: in Node, npm install webgpu .* and a Vulkan/);
    expect(output).not.toMatch(/training and/);
    expect(code).toBe(1);
  },
);

test("options out of range and missing data are explained in a line", async () => {
  const wrong = await digits(["--epochs", "0"]);
  expect(wrong.output).toMatch(/expected a positive integer/);
  expect(wrong.code).toBe(1);
  const missing = await digits(["--data", "folder", "--data-dir", join(folder, "nowhere")]);
  expect(missing.output).toMatch(/nowhere/);
  expect(missing.output).not.toMatch(/\n\s+at /);
  expect(missing.code).toBe(1);
});
