import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { torture } from "./torture.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

// The long run is a command: tools/torture-checkpoint.ts.
describe("load() and deserialize() of 300 mutated files", () => {
  it("refuse them or read what was saved, at once and in bounded memory", async () => {
    const folder = new URL("../fixtures/", import.meta.url);
    const report = await torture(folder, 300, 7, 50);
    expect(report.failures).toEqual([]);
    expect(report.refused).toBeGreaterThan(200);
    expect(report.loaded).toBeGreaterThan(20);
  }, 30_000);
});
