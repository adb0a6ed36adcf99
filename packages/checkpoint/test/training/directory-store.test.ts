import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directoryStore, type Stateful, TrainingRun } from "../../src/index.ts";
import { type Abilities, MemoryDirectory } from "./directory.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

class Weight implements Stateful {
  value: Tensor = tensor([0, 0]);
  stateDict(): { value: Tensor } {
    return { value: this.value };
  }
  loadStateDict({ value }: { value: Tensor }): void {
    this.value = value;
  }
}
const nameOf = (step: number): string => `step-${String(step).padStart(10, "0")}-000000.ckpt`;

const ways: readonly (readonly [string, Abilities])[] = [
  ["a stream and a rename", {}],
  ["a stream alone", { move: false }],
  ["a worker's handle and a rename", { write: "handle" }],
  ["a worker's handle alone", { move: false, write: "handle" }],
];

describe.each(ways)("a TrainingRun over a directory of a browser, by %s", (_, abilities) => {
  const begin = async (directory: MemoryDirectory): Promise<[TrainingRun, Weight]> => {
    const weight = new Weight();
    const run = new TrainingRun(directoryStore(directory), { weight }, { keepLast: 2 });
    for (let step = 1; step <= 4; step++) {
      run.globalStep = step;
      weight.value = tensor([step, -step]);
      expect(await run.save({ metric: -step })).toBe(`run/${nameOf(step)}`);
    }
    return [run, weight];
  };

  it("keeps the last and the best, and resumes", async () => {
    const directory = new MemoryDirectory(abilities);
    const [run] = await begin(directory);
    expect([...directory.files.keys()].sort()).toEqual([1, 3, 4].map(nameOf));
    expect(run.bestPath).toBe(`run/${nameOf(1)}`);
    const weight = new Weight();
    const again = new TrainingRun(directoryStore(directory), { weight });
    expect(await again.resume()).toMatchObject({ path: `run/${nameOf(4)}`, metric: -4 });
    expect(weight.value.tolistSync()).toEqual([4, -4]);
  });

  it("has a checkpoint that loads after every moment at which a write ends", async () => {
    for (let moment = 1; moment <= 6; moment++) {
      const directory = new MemoryDirectory(abilities);
      const [run] = await begin(directory);
      let writes = 0;
      const onWrite = (): void => {
        if (++writes === moment) throw new Error("the page was closed");
      };
      directory.abilities = { ...abilities, onWrite };
      run.globalStep = 5;
      const failed = await run.save().then(
        () => false,
        (error: Error) => error.message,
      );
      const written = `save: Cannot write run/${nameOf(5)}: the page was closed`;
      expect([false, written]).toContain(failed);
      directory.abilities = abilities;
      const again = new TrainingRun(directoryStore(directory), { weight: new Weight() });
      expect((await again.resume())?.path).toBe(`run/${nameOf(failed === false ? 5 : 4)}`);
      expect([...directory.files.keys()].filter((name) => name.startsWith("."))).toEqual([]);
    }
  });
});

describe("directoryStore()", () => {
  it("says where files cannot be written", async () => {
    const directory = new MemoryDirectory({ write: "none" });
    await expect(new TrainingRun(directoryStore(directory), {}).save()).rejects.toThrow(
      `save: Cannot write run/${nameOf(0)}: this browser writes files in workers only`,
    );
  });
});
