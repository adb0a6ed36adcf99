// The digits example as a user runs it: on a folder of PNG files, interrupted and resumed, on bad input.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SyntheticDigits } from "@tead/data";
import { writeImage } from "@tead/transforms/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../../build.mjs";
import { root } from "../../workspace.mjs";

const folder = mkdtempSync(join(tmpdir(), "tead-digits-"));
const data = join(folder, "data");

/** Runs the example; `interruptAfter` is what it prints before it gets a Ctrl-C. */
function digits(args, interruptAfter) {
  const program = join(root, "examples/digits/dist/main.mjs");
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
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
const weights = (logDir) => readFileSync(join(logDir, "last.safetensors"));

beforeAll(async () => {
  build(["@tead/example-digits"]);
  for (const [split, size] of Object.entries({ train: 200, test: 40 })) {
    const images = new SyntheticDigits({ train: split === "train", size });
    for (const label of images.classes) mkdirSync(join(data, split, label), { recursive: true });
    for (let i = 0; i < size; i++) {
      const [image, label] = images.getItem(i);
      await writeImage(join(data, split, images.classes[label], `${i}.png`), image);
    }
  }
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
  expect(files.sort()).toEqual(["confusion.png", "events", "last.safetensors", "mistakes.png"]);
});

test("Ctrl-C finishes the step, saves, exits 130, and --resume ends with the same weights", async () => {
  const logDir = join(folder, "interrupted");
  const stopped = await digits(options(logDir), "epoch 2/4");
  expect(stopped.output).toMatch(/Stopped after step \d+/);
  expect(stopped.code).toBe(130);
  const resumed = await digits([...options(logDir), "--resume"]);
  expect(resumed.output).not.toMatch(/epoch 1\/4/);
  expect(resumed.code).toBe(0);
  expect(weights(logDir).equals(weights(join(folder, "whole")))).toBe(true);
});

test("other options than those of the checkpoint are refused before any work", async () => {
  const whole = join(folder, "whole");
  const { code, output } = await digits([...options(whole), "--seed", "4", "--resume"]);
  expect(output).toMatch(/Cannot go on from .*: expected --seed 3, received 4/);
  expect(code).toBe(1);
});

test("a truncated checkpoint is named with its offset, and stays as it is", async () => {
  const logDir = join(folder, "interrupted");
  const path = join(logDir, "last.safetensors");
  truncateSync(path, 1000);
  const { code, output } = await digits([...options(logDir), "--resume"]);
  expect(output).toMatch(/Cannot read .*last\.safetensors: at byte 8: /);
  expect(code).toBe(1);
  expect(weights(logDir)).toHaveLength(1000);
});

test("options out of range and missing data are explained in a line", async () => {
  const wrong = await digits(["--epochs", "0"]);
  expect(wrong.output).toMatch(/expected a positive integer/);
  expect(wrong.code).toBe(1);
  const missing = await digits(["--data", "folder", "--data-dir", join(folder, "nowhere")]);
  expect(missing.output).toMatch(/nowhere/);
  expect(missing.output).not.toMatch(/\n\s+at /);
  expect(missing.code).toBe(1);
});
