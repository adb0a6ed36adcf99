// Nothing is left out: every op of the table has a case, in the family that its file names.
import { readdirSync, readFileSync } from "node:fs";
import { ops } from "@tead/tensor";
import { expect, test } from "vitest";
import { cases } from "../src/cases/index.ts";
import { checks } from "../src/checks/index.ts";

const tensorOps = new URL("../../tensor/src/ops/", import.meta.url);
const isOp = (value: unknown): value is { name: string; kind: string } =>
  typeof value === "object" && value !== null && "kind" in value && "infer" in value;

test("every op of the table has a case", () => {
  const all = Object.values(ops as Record<string, unknown>).filter(isOp);
  const covered = new Set(cases.map(({ op }) => op.name));
  expect(all.length).toBeGreaterThan(100);
  expect(all.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
});

test("every case has rows of PyTorch's", () => {
  expect(cases.filter(({ rows }) => rows.length === 0).map(({ op }) => op.name)).toEqual([]);
});

test("an op's family is the file that defines it", () => {
  const misplaced: string[] = [];
  const files = readdirSync(tensorOps).filter((name) => name.endsWith(".ts"));
  for (const { op, family } of cases) {
    const homes = files.filter((name) => {
      const text = readFileSync(new URL(name, tensorOps), "utf8");
      return new RegExp(`\\bexport const ${op.name}Op\\b`).test(text);
    });
    // The gradients of unary ops stand in a file of their own, beside the activations' here.
    const names = homes.map((name) => name.replace(".ts", "").replace("unary-grads", "activation"));
    if (!names.includes(family)) misplaced.push(`${op.name}: ${family}, defined in ${names}`);
  }
  expect(misplaced).toEqual([]);
});

test("every op is asked forward, and every differentiable one for its gradients", () => {
  const asked = (name: string, op: string): boolean =>
    checks.some(
      (check) => check.name === name && cases.some((c) => c.op.name === op && check.applies(c)),
    );
  for (const { op } of cases) {
    expect(asked("forward", op.name), op.name).toBe(true);
    if (op.gradient !== "nonDifferentiable" && op.inputs.length > 0)
      expect(asked("gradients", op.name), op.name).toBe(true);
  }
});
