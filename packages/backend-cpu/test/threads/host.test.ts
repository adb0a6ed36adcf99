// Threads in whole programs: they end by themselves, whatever happens; worker threads have pools of their own; where
// memory cannot be shared one thread runs. Bundled once, run by the current Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundle } from "../../../../tools/bundle.mjs";

const folder = mkdtempSync(join(tmpdir(), "tead-threads-"));
/** Starts three threads and multiplies on them. */
const multiply = `
import * as cpu from "./program.mjs";
const n = 200;
const product = () => {
  const out = new Float32Array(n * n);
  const ones = new Float32Array(n * n).fill(1);
  cpu.matmulF32(out, 0, ones, 0, n, 1, ones, 0, n, 1, n, n, n);
  if (!out.every((value) => value === n)) throw new Error("wrong product");
};
cpu.setNumThreads(3);
const started = await cpu.threadsStarted();
product();
`;

/** Runs a program; gives what it printed, how it ended, and how long it took. */
const run = (program: string, options: string[] = []) => {
  const file = join(folder, "test.mjs");
  writeFileSync(file, program);
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, file], {
    encoding: "utf8",
    timeout: 30_000,
    cwd: folder,
  });
  return { status, stdout, stderr, ms: performance.now() - start };
};

beforeAll(async () => {
  writeFileSync(
    join(folder, "program.mjs"),
    await bundle(new URL("./program.ts", import.meta.url), "neutral"),
  );
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

it("lets a program end by itself", () => {
  const { status, stdout, stderr } = run(`${multiply} console.log(started);`);
  expect([stdout, stderr, status]).toEqual(["3\n", "", 0]);
});

it("ends with process.exit(), with an uncaught error, and with a job unfinished", () => {
  expect(run(`${multiply} process.exit(3);`).status).toBe(3);
  const thrown = run(`${multiply} throw new Error("mine");`);
  expect(thrown.status).toBe(1);
  expect(thrown.stderr).toContain("Error: mine");
  expect(
    run(`${multiply} setTimeout(() => process.exit(4)); for (let i = 0; i < 50; i++) product();`)
      .status,
  ).toBe(4);
});

it("starts with the first large product, without being waited for", () => {
  const program = multiply
    .replace("await cpu.threadsStarted()", "0")
    .replace(/product\(\);\s*$/, "");
  const { stdout, stderr } = run(`${program}
    for (let end = performance.now() + 10000; performance.now() < end && cpu.threadsOf(cpu.engineFor(1e9)) < 3; ) product();
    console.log(cpu.threadsOf(cpu.engineFor(1e9)));`);
  expect([stdout, stderr]).toEqual(["3\n", ""]);
});

it("works inside a worker thread", () => {
  const worker = `
    import { isMainThread, Worker } from "node:worker_threads";
    if (isMainThread) new Worker(new URL(import.meta.url));
    else {
      ${multiply.replace(/^import.*$/m, 'const cpu = await import("./program.mjs");')}
      console.log(started);
    }`;
  const { status, stdout, stderr } = run(worker);
  expect([stdout, stderr, status]).toEqual(["3\n", "", 0]);
});

it("runs on one thread where memory cannot be shared, and says so once to who asks", () => {
  const program = `delete globalThis.SharedArrayBuffer; globalThis.TEAD_DEBUG = true;
    ${multiply.replace(/^import.*$/m, 'const cpu = await import("./program.mjs");')}
    cpu.setNumThreads(2);
    console.log(started, cpu.getNumThreads());`;
  const { stdout, stderr } = run(program);
  expect([stdout, stderr]).toEqual([
    "@tead/backend-cpu: one thread only: memory cannot be shared; a page needs cross-origin isolation\n1 1\n",
    "",
  ]);
});

it("runs on one thread where workers are not allowed", () => {
  const [flag] =
    Number(process.versions.node.split(".")[0]) >= 23
      ? ["--permission"]
      : ["--experimental-permission"];
  const { status, stdout } = run(`${multiply} console.log(started, cpu.getNumThreads());`, [
    flag as string,
    "--allow-fs-read=*",
  ]);
  expect([stdout, status]).toEqual(["1 1\n", 0]);
});
