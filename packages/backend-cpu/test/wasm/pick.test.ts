// The kernel that picks rows by index, against the loops that run without it.
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setWasmBuild } from "../../src/wasm/engine.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));
afterEach(() => setWasmBuild("auto"));

const grid = (...shape: number[]): Tensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(
    Float32Array.from({ length: count }, (_, i) => i),
    { shape },
  );
};
const indices = (high: number, ...shape: number[]): Tensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Int32Array.from({ length: count }, (_, i) => ((i * 7919) % (2 * high)) - high);
  return tensor(values, { shape });
};

const cases: Readonly<Record<string, () => Tensor>> = {
  "elements of rows": () => grid(70, 51).indexSelect(1, indices(51, 33)),
  "rows of blocks": () => grid(9, 40, 17).indexSelect(1, indices(40, 90)),
  "rows of one block": () => grid(300, 9).indexSelect(0, indices(300, 200)),
  "elements of more blocks than fit at once": () => grid(600, 120).indexSelect(1, indices(120, 99)),
  "elements by indices of their own": () => grid(41, 120).gather(1, indices(120, 41, 77)),
  "elements of rows in another order": () =>
    grid(60, 80)
      .t()
      .gather(1, indices(60, 80, 60)),
  "few of many rows": () => grid(2000, 10).indexSelect(0, indices(2000, 110)),
  "int32 as it is": () => grid(64, 64).to("int32").indexSelect(1, indices(64, 64)),
};

describe("pickWords()", () => {
  for (const [title, run] of Object.entries(cases))
    it(`picks ${title} as the loops do`, () => {
      const fast = run();
      setWasmBuild("none");
      const slow = run();
      expect(fast.shape).toEqual(slow.shape);
      expect(fast.eq(slow).all().itemSync()).toBe(true);
    });
});
