import { afterEach, describe, expect, it, vi } from "vitest";
import { nextMacrotask } from "../src/macrotask.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** How often a timer of 1 ms fires while nothing but macrotasks is awaited for 30 ms. */
async function ticksDuringMacrotasks(): Promise<number> {
  await nextMacrotask(); // the first one loads what the platform needs
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const begin = performance.now();
  while (performance.now() - begin < 30) await nextMacrotask();
  clearInterval(timer);
  return ticks;
}

describe("nextMacrotask()", () => {
  it("lets timers run", async () => {
    expect(await ticksDuringMacrotasks()).toBeGreaterThan(0);
  });

  it("lets timers run where there is no setImmediate, as in browsers", async () => {
    vi.stubGlobal("setImmediate", undefined);
    expect(await ticksDuringMacrotasks()).toBeGreaterThan(0);
  });
});
