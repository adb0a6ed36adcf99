import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { Machine, type Program } from "./programs.ts";

setDefaultDevice(cpu());

function load(name: string): readonly Program[] {
  const url = new URL(`./fixtures/programs-${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { cases: Program[] }).cases;
}

/** Numbers that differ by rounding alone count as those expected; others stay as they are. */
function aligned(found: unknown, expected: unknown): unknown {
  if (typeof found === "number")
    return typeof expected === "number" && near(found, expected) ? expected : printed(found);
  if (Array.isArray(found))
    return found.map((x, i) => aligned(x, Array.isArray(expected) ? expected[i] : undefined));
  if (typeof found !== "object" || found === null) return found;
  const other = expected as Record<string, unknown>;
  return Object.fromEntries(Object.entries(found).map(([key, x]) => [key, aligned(x, other[key])]));
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

/** As Python prints what JSON has no number for. */
function printed(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function agrees({ steps, errors, log, tensors }: Program): void {
  const found = new Machine().run(steps).findings(Object.keys(tensors));
  const expected = { errors, log, tensors };
  expect(aligned(found, expected)).toEqual(expected);
}

describe("PyTorch's rules", () => {
  for (const program of load("written")) test(program.title as string, () => agrees(program));
});

describe("random programs of views and writes find what PyTorch finds", () => {
  for (const program of load("random"))
    test(`random program ${program.number}`, () => agrees(program));
});
