// Copies to and from shared memory: with the host's native copy and without, wherever source and target begin.
import { afterEach, describe, expect, it, vi } from "vitest";
import { reserve, sharedEngine } from "../../src/wasm/engine.ts";
import type * as Stage from "../../src/wasm/stage.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The module as it is loaded where `Buffer` is this. */
const load = async (buffer: unknown): Promise<typeof Stage> => {
  vi.resetModules();
  vi.stubGlobal("Buffer", buffer);
  return import("../../src/wasm/stage.ts");
};

describe.each([
  ["Node's Buffer", Buffer],
  ["no Buffer", undefined],
])("copies to shared memory with %s", (_, buffer) => {
  it("move exactly what they should, at any alignment", async () => {
    const { copyIn, copyOut } = await load(buffer);
    const { engine } = sharedEngine("plain", 1);
    const base = reserve(engine, 4096) >> 2;
    const source = Float32Array.from({ length: 400 }, (_, i) => i + 1).subarray(3);
    for (const count of [1, 47, 48, 49, 300])
      for (const from of [0, 1, 5])
        for (const to of [16, 17]) {
          engine.f32.fill(-1, base, base + 500);
          copyIn(engine, base + to, source, from, count);
          const memory = [...engine.f32.subarray(base, base + 500)];
          const want = memory.map((_, i) =>
            i < to || i >= to + count ? -1 : (source[from + i - to] as number),
          );
          expect(memory).toEqual(want);
          const target = new Float32Array(500).fill(-2).subarray(1);
          copyOut(engine, base + to, target, to + from, count);
          expect([...target]).toEqual(
            Array.from(target, (_, i) =>
              i < to + from || i >= to + from + count ? -2 : (source[i - to] as number),
            ),
          );
        }
  });
});

describe("copies to shared memory in Node", () => {
  it("use the native copy from 48 floats on, and none to private memory", async () => {
    const fill = vi.fn();
    const { copyIn, copyOut } = await load({ prototype: { fill } });
    const { engine } = sharedEngine("plain", 1);
    const base = reserve(engine, 4096) >> 2;
    copyIn(engine, base, new Float32Array(47), 0, 47);
    copyIn({ ...engine, shared: false }, base, new Float32Array(48), 0, 48);
    expect(fill).toHaveBeenCalledTimes(0);
    copyIn(engine, base, new Float32Array(48), 0, 48);
    copyOut(engine, base, new Float32Array(48), 0, 48);
    expect(fill).toHaveBeenCalledTimes(2);
  });
});
