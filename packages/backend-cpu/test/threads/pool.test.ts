// The pool of threads: that every task runs once, wherever; that nothing that goes wrong in a worker hangs the caller.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FLAGS } from "../../src/threads/layout.ts";
import { Pool } from "../../src/threads/pool.ts";
import {
  engineFor,
  getNumThreads,
  parallel,
  setNumThreads,
  threadsOf,
  threadsStarted,
} from "../../src/threads/threads.ts";
import { type Engine, reserve, wasmEngine, wasmInfo } from "../../src/wasm/engine.ts";

const LARGE = 1e9;

/** The arguments of matmulTask for tasks that each add the floats 1 to 8 to eight floats of a panel's rows, and where they lie. */
const stageRows = (engine: Engine, tasks: number): { args: number[]; from: number; to: number } => {
  const panel = engine.kernels.panelRows();
  const base = reserve(engine, 2 ** 17);
  const [a, b, c] = [base, base + 32768, base + 65536];
  engine.f32.fill(1, a / 4, a / 4 + tasks * panel);
  engine.f32.set([1, 2, 3, 4, 5, 6, 7, 8], b / 4);
  engine.f32.fill(0, c / 4, c / 4 + tasks * panel * 8);
  const args = [a, b, c, tasks * panel, 8, 1, 1, 0, panel, 8];
  return { args, from: c / 4, to: c / 4 + tasks * panel * 8 };
};

/** Whether every task runs exactly once: each adds to its own rows. */
const runsOnce = (tasks: number, run: typeof parallel = parallel, engine = engineFor(LARGE)) => {
  const { args, from, to } = stageRows(engine, tasks);
  run(engine, "matmulTask", tasks, args);
  return engine.f32.subarray(from, to).every((value, i) => value === 1 + (i % 8));
};

describe("parallel()", () => {
  beforeAll(async () => {
    setNumThreads(3);
    expect(await threadsStarted()).toBe(3);
  });
  afterAll(() => setNumThreads(1));

  it("runs every task once, job after job", () => {
    for (let round = 0; round < 300; round++) expect(runsOnce(1 + (round % 50))).toBe(true);
  });

  it("finds workers again that have gone to sleep", async () => {
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, 8));
      expect(runsOnce(40)).toBe(true);
    }
  });

  it("is a loop on the private engine, where small jobs run", () => {
    const engine = engineFor(1);
    expect(engine).toBe(wasmEngine());
    expect(threadsOf(engine)).toBe(1);
    expect(threadsOf(engineFor(LARGE))).toBe(3);
    expect(runsOnce(7, parallel, engine)).toBe(true);
  });
});

describe("a pool whose worker fails", () => {
  const pools: Pool[] = [];
  const build = wasmInfo().build as "plain";
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.stop();
  });

  it("does without workers that cannot be started", () => {
    const pool = new Pool(build, 4, { spawn: () => undefined });
    pools.push(pool);
    expect([pool.ready, pool.expected]).toEqual([0, 0]);
    const run = (_: Engine, ...job: Parameters<Pool["run"]>) => pool.run(...job);
    expect(runsOnce(5, run, pool.engine)).toBe(true);
  });

  it("gives up a worker that stopped in the middle of a job", () => {
    let words: Int32Array = new Int32Array(1);
    const die = (data: object) => {
      words = new Int32Array((data as { control: SharedArrayBuffer }).control, 0, 512);
      return { terminate() {} };
    };
    const pool = new Pool(build, 2, { spawn: die, limitMs: 30 });
    pools.push(pool);
    const { args } = stageRows(pool.engine, 2);
    words[FLAGS] = 1;
    expect(() => pool.run("matmulTask", 2, args)).toThrow(
      "matmulTask: A worker thread stopped in the middle of a job",
    );
    expect([pool.ready, pool.expected]).toEqual([0, 0]);
  });

  it("passes on that a kernel failed, and goes on", async () => {
    setNumThreads(2);
    await threadsStarted();
    const engine = engineFor(LARGE);
    const outside = engine.f32.byteLength + 65536;
    const { args } = stageRows(engine, 100);
    expect(() => parallel(engine, "matmulTask", 100, [outside, ...args.slice(1)])).toThrow();
    expect(runsOnce(10)).toBe(true);
    setNumThreads(1);
  });
});

describe("setNumThreads()", () => {
  it("takes integers from 1 to 64", () => {
    for (const threads of [0, -1, 1.5, 65, Number.NaN])
      expect(() => setNumThreads(threads)).toThrow(
        `setNumThreads: Cannot use ${threads} threads: expected an integer from 1 to 64`,
      );
    setNumThreads(2);
    expect(getNumThreads()).toBe(2);
    setNumThreads(1);
    expect(engineFor(LARGE)).toBe(wasmEngine());
  });
});
