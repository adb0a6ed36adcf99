// The kit itself is tested: kernels with faults in them, drawn with a fixed seed, are caught. All the
// faults at once: pnpm --filter @tead/conformance mutate.
import { cpu } from "@tead/backend-cpu";
import { expect, test } from "vitest";
import type { OpCase } from "../../src/case.ts";
import { equivalents } from "./equivalents.ts";
import type { Fault } from "./fault.ts";
import { faultsOf } from "./faults.ts";
import { hunt, kernelCases } from "./hunt.ts";

const device = cpu();
const all = kernelCases(device);
const caseOf = (name: string): OpCase => all.find(({ op }) => op.name === name) as OpCase;

/** Draws `count` different items, the same ones every time. */
function draw<T>(items: readonly T[], count: number, seed: number): T[] {
  let state = seed;
  const left = [...items];
  return Array.from({ length: Math.min(count, items.length) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return left.splice((state >>> 8) % left.length, 1)[0] as T;
  });
}

test.each(draw(all, 18, 20260))("faults in $op.name are caught", async (c) => {
  const outcomes = await hunt(c, device, (faults) => draw(faults, 12, 7));
  const escaped = outcomes.filter(({ state, reason }) => state === "alive" && reason === undefined);
  expect(escaped).toEqual([]);
  expect(outcomes.filter(({ state }) => state === "caught").length).toBeGreaterThan(3);
});

test.each([
  ["lt", "le in its place"],
  ["amax", "output result: sign lost"],
  ["add", "input: offset ignored"],
  ["matmul", "other: strides ignored"],
  ["softmax", "input: NaN read as 0"],
  ["sgdUpdate", "params result: one element past the end is written"],
  ["eq", "input: overwritten"],
  ["add", "bad values pass in silence"],
])('%s with the fault "%s" is caught', async (name, fault) => {
  const pick = (faults: readonly Fault[]) => faults.filter((each) => each.name === fault);
  const outcomes = await hunt(caseOf(name), device, pick);
  expect(outcomes).toMatchObject([{ op: name, fault, state: "caught" }]);
});

test("no two faults of an op have one name", () => {
  for (const c of all) {
    const names = faultsOf(c, {}).map(({ name }) => name);
    expect(new Set(names).size, c.op.name).toBe(names.length);
  }
});

test("what changes nothing is idle, what nobody promises is alive, what is wrong is caught", async () => {
  const nothing: Fault = { name: "nothing", rewrite: (call) => ({ ...call }) };
  const lastBit: Fault = {
    name: "last bit",
    around: (call) => () => {
      const [view] = call.outputs;
      const array = view?.buffer;
      if (array instanceof Float32Array) array[0] = (array[0] as number) * (1 + 2 ** -23);
    },
  };
  const wrong: Fault = { name: "nothing done", instead: () => {} };
  const outcomes = await hunt(caseOf("exp"), device, () => [nothing, lastBit, wrong]);
  expect(outcomes.map(({ fault, state }) => [fault, state])).toEqual([
    ["nothing", "idle"],
    ["last bit", "alive"],
    ["nothing done", "caught"],
  ]);
});

test("every fault that is excused is still alive", async () => {
  for (const { ops, fault, reason } of equivalents)
    for (const name of ops) {
      const pick = (faults: readonly Fault[]) => faults.filter((each) => fault.test(each.name));
      const outcomes = await hunt(caseOf(name), device, pick);
      expect(outcomes).toMatchObject([{ state: "alive", reason }]);
    }
});
