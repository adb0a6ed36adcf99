import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { DataLoader } from "@tead/data";
import { Generator, manualSeed, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleToFile } from "../../../../tools/bundle.mjs";
import { TrainingRun } from "../../src/node.ts";
import { killRepeatedly } from "./kill.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

const path = useTemporaryFolder();
beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

/** What a run keeps: one number. */
class Counter {
  value = 0;
  stateDict(): { value: number } {
    return { value: this.value };
  }
  loadStateDict({ value }: { value: number }): void {
    this.value = value;
  }
}

const files = (): string[] => readdirSync(path()).sort();
const nameOf = (step: number, epoch = 0): string =>
  `step-${String(step).padStart(10, "0")}-${String(epoch).padStart(6, "0")}.ckpt`;

describe("TrainingRun", () => {
  it("keeps the last checkpoints and the best", async () => {
    const run = new TrainingRun(path(), { counter: new Counter() }, { keepLast: 2 });
    for (const metric of [0.5, 0.9, 0.7, 0.8]) {
      run.globalStep++;
      await run.save({ metric });
    }
    expect(files()).toEqual([nameOf(2), nameOf(3), nameOf(4)]);
    expect(run.bestPath).toBe(join(path(), nameOf(2)));
    const again = new TrainingRun(path(), { counter: new Counter() }, { keepLast: 2 });
    expect(await again.resume()).toMatchObject({ path: path(nameOf(4)), metric: 0.8, skipped: [] });
    again.globalStep++;
    await again.save({ metric: 0.1 });
    expect(files()).toEqual([nameOf(2), nameOf(4), nameOf(5)]);
  });

  it("takes the least metric as the best where told to", async () => {
    const run = new TrainingRun(path(), {}, { keepLast: 1, best: "min" });
    for (const metric of [0.5, 0.2, 0.9]) {
      run.globalStep++;
      await run.save({ metric });
    }
    expect(run.bestPath).toBe(path(nameOf(2)));
    expect(files()).toEqual([nameOf(2), nameOf(3)]);
  });

  it("takes NaN for no metric", async () => {
    const run = new TrainingRun(path(), {}, { keepLast: 1 });
    for (const metric of [Number.NaN, 0.2, Number.NaN]) {
      run.globalStep++;
      await run.save({ metric });
    }
    expect(run.bestPath).toBe(path(nameOf(2)));
  });

  it("goes on from the one it is told, and drops what had come after", async () => {
    const counter = new Counter();
    const run = new TrainingRun(path(), { counter }, { keepLast: 5 });
    for (counter.value = 1; counter.value <= 4; counter.value++) {
      run.globalStep = counter.value;
      await run.save({ metric: counter.value === 2 ? 1 : 0 });
    }
    const again = new TrainingRun(path(), { counter }, { keepLast: 5 });
    expect((await again.resume({ file: nameOf(2) }))?.path).toBe(path(nameOf(2)));
    expect([counter.value, again.globalStep, again.bestPath]).toEqual([2, 2, path(nameOf(2))]);
    expect(files()).toHaveLength(4);
    again.globalStep++;
    await again.save();
    expect(files()).toEqual([nameOf(1), nameOf(2), nameOf(3)]);
    expect((await again.resume({ file: path(nameOf(1)) }))?.path).toBe(path(nameOf(1)));
    await expect(again.resume({ file: "none.ckpt" })).rejects.toThrow("none.ckpt");
  });

  it("does not begin a run where one is", async () => {
    await new TrainingRun(path(), {}).save();
    await expect(new TrainingRun(path(), {}).save()).rejects.toThrow(
      `save: Cannot begin a run where one is: expected no checkpoints, received ${path(nameOf(0))}\nHint: call resume() before the first save to go on with it, or choose another place`,
    );
  });

  it("reads everything at the call, and writes one file after another", async () => {
    const weight = tensor([1, 2]);
    const part = { stateDict: () => ({ weight }), loadStateDict: () => {} };
    const run = new TrainingRun(path(), { part });
    const saving = [1, 2, 3].map((step) => {
      run.globalStep = step;
      const saved = run.save({ extra: { step } });
      weight.add_(10);
      return saved;
    });
    expect(await Promise.all(saving)).toEqual([1, 2, 3].map((step) => path(nameOf(step))));
    let loaded: Tensor | undefined;
    const again = new TrainingRun(path(), {
      part: {
        ...part,
        loadStateDict(state: { weight: Tensor }): void {
          loaded = state.weight;
        },
      },
    });
    expect((await again.resume())?.extra).toEqual({ step: 3 });
    expect(loaded?.tolistSync()).toEqual([21, 22]);
  });

  it("begins in an empty folder, and makes it", async () => {
    const run = new TrainingRun(path("new/folder"), {});
    expect(await run.resume()).toBeUndefined();
    await run.save();
    expect(existsSync(path(`new/folder/${nameOf(0)}`))).toBe(true);
  });

  it("passes over files that are damaged, and says so", async () => {
    const counter = new Counter();
    const run = new TrainingRun(path(), { counter });
    for (counter.value = 1; counter.value <= 2; counter.value++) {
      run.globalStep = counter.value;
      await run.save();
    }
    truncateSync(path(nameOf(2)), 100);
    const resumed = await run.resume();
    expect([resumed?.path, counter.value, resumed?.skipped.length]).toEqual([
      path(nameOf(1)),
      1,
      1,
    ]);
    expect(resumed?.skipped[0]?.error.message).toContain(nameOf(2));
    truncateSync(path(nameOf(1)), 100);
    await expect(run.resume()).rejects.toThrow(
      `resume: Cannot go on: expected a checkpoint that can be read, received 2 that cannot\n  resume: Cannot read ${path(nameOf(2))}`,
    );
  });

  it("refuses the checkpoint of another run", async () => {
    await new TrainingRun(path(), { model: new Counter() }).save();
    const run = new TrainingRun(path(), { model: new Counter(), optimizer: new Counter() });
    await expect(run.resume()).rejects.toThrow(
      `resume: Cannot go on from ${path(nameOf(0))}: expected model and 1 generators, received model, optimizer and 1`,
    );
  });

  it("removes what killed processes left half-written, not what others write", async () => {
    mkdirSync(path("run"));
    const dead = `run/.${nameOf(1)}.999999999.00ff.tmp`;
    const alive = `run/.${nameOf(1)}.${process.pid}.00ff.tmp`;
    for (const name of [dead, alive, "run/.mine.tmp"]) writeFileSync(path(name), "x");
    await new TrainingRun(path("run"), {}).resume();
    expect(readdirSync(path("run")).sort()).toEqual([alive.slice(4), ".mine.tmp"].sort());
  });

  it.each([0, 1.5])("refuses to keep %s checkpoints", (keepLast) => {
    expect(() => new TrainingRun(path(), {}, { keepLast })).toThrow(
      `TrainingRun: keepLast is out of range: expected a positive integer, received ${keepLast}`,
    );
  });

  it("goes on with the batches that were left, in their order", async () => {
    const generator = new Generator().manualSeed(1);
    const loader = new DataLoader([...Array(10).keys()], {
      batchSize: 2,
      shuffle: true,
      generator,
    });
    const options = { generators: [generator] };
    const whole: unknown[] = [];
    const run = new TrainingRun(path(), {}, options);
    for (let epoch = 0; epoch < 3; epoch++)
      for await (const batch of run.batches(loader))
        whole.push([batch.tolistSync(), generator.random()]);
    expect([run.epoch, run.step, run.globalStep]).toEqual([3, 0, 15]);

    // Stopped after every step, in a process of its own each time.
    generator.manualSeed(1);
    manualSeed(0);
    const pieces: unknown[] = [];
    for (let life = 0; life < 15; life++) {
      const part = new TrainingRun(path(), {}, options);
      await part.resume();
      generator.manualSeed(part.globalStep === 0 ? 1 : 99);
      while (pieces.length <= life)
        for await (const batch of part.batches(loader)) {
          pieces.push([batch.tolistSync(), generator.random()]);
          await part.save();
          break;
        }
    }
    expect(pieces).toEqual(whole);
  });

  it("resumes bit for bit after kills at random moments", async () => {
    const program = await bundleToFile(new URL("./training-child.ts", import.meta.url));
    const report = await killRepeatedly(program, path(), 5, 11);
    expect(report.failures).toEqual([]);
    expect([report.kills, report.lines >= 5]).toEqual([5, true]);
  }, 60_000);
});
