// What the kit says: failures, reasons, reasons that are no longer needed, the table, the runner.
import { cpu } from "@tead/backend-cpu";
import type { Backend, Kernels } from "@tead/tensor";
import { afterEach, expect, test } from "vitest";
import { formatSupportTable, runConformance, testBackend } from "../src/index.ts";
import { wrapped } from "../src/reference.ts";

/** A CPU whose negation forgets the sign of what is above 2, in float32 only. */
function broken(): Backend {
  const device = cpu();
  const neg: Kernels["neg"] = (call) => {
    device.kernels.neg(call);
    const [output] = call.outputs;
    if (output?.dtype !== "float32") return;
    const array = output.buffer as Float32Array;
    for (let i = 0; i < array.length; i++)
      if ((array[i] as number) < -2) array[i] = -(array[i] as number);
  };
  return wrapped(device, { name: "broken", kernels: { ...device.kernels, neg } });
}

test("a failure names op, check, dtype, row and element", async () => {
  const report = await runConformance({ create: broken, ops: ["neg"], checks: ["forward"] });
  expect(report.passed).toBe(false);
  const failed = report.results.filter(({ status }) => status === "failed");
  expect(failed).toMatchObject([
    { op: "neg", family: "unary", check: "forward", dtype: "float32" },
  ]);
  expect(failed[0]?.error).toMatch(/^\[3, 5\]: element \d+: expected -[\d.]+, received [\d.]+$/);
});

test("a reason excuses a failure, at the width that it names", async () => {
  const options = { create: broken, ops: ["neg"], checks: ["forward", "layouts"] };
  const reason = "signs above 2 are not kept";
  const whole = await runConformance({ ...options, unsupported: { neg: reason } });
  expect(whole.passed).toBe(true);
  const check = await runConformance({ ...options, unsupported: { "neg/forward": reason } });
  expect(check.passed).toBe(false);
  const dtypes = { "neg/forward/float32": reason, "neg/layouts/float32": reason };
  expect((await runConformance({ ...options, unsupported: dtypes })).passed).toBe(true);
});

test("a reason that is not needed fails", async () => {
  const unsupported = { neg: "a reason of old times" };
  const report = await runConformance({ create: cpu, ops: ["neg"], unsupported });
  expect(report.results.every(({ status }) => status === "passed")).toBe(true);
  expect(report.stale).toEqual(["neg"]);
  expect(report.passed).toBe(false);
});

test("the support table has a row for each op and a column for each dtype", async () => {
  const unsupported = { "neg/forward/float32": "signs above 2 are not kept" };
  const checks = ["forward"];
  const report = await runConformance({ create: broken, ops: ["neg", "exp"], checks, unsupported });
  const [header, rule, neg, exp, ...notes] = formatSupportTable(report).split("\n");
  expect(header).toMatch(/^\| op \| float32 \| float64 \| float16 \| bfloat16 \| int8 /);
  expect(rule).toMatch(/^\|---\|---\|/);
  expect(neg).toMatch(/^\| neg \| no \| yes \| yes \| yes \| yes .* \| - \|$/);
  expect(exp).toMatch(/^\| exp \| yes \| yes \|/);
  expect(notes).toContain("- neg, forward, float32: signs above 2 are not kept");
});

test("a run can stop at the first failure", async () => {
  const report = await runConformance({ create: broken, ops: ["neg"], bail: true });
  const failed = report.results.filter(({ status }) => status === "failed");
  expect(new Set(failed.map(({ check }) => check))).toEqual(new Set(["forward"]));
});

const globals = globalThis as { test?: unknown; Deno?: unknown };
const before = { ...globals };
afterEach(() => {
  globals.test = before.test;
  globals.Deno = before.Deno;
  if (before.test === undefined) delete globals.test;
  if (before.Deno === undefined) delete globals.Deno;
});

test("without a runner, the error shows how to pass one", () => {
  expect(() => testBackend({ create: cpu })).toThrow(
    /testBackend: No test runner: expected a global test function\nHint: .*node:test/,
  );
});

test("a global runner is found", () => {
  const names: string[] = [];
  globals.test = (name: string) => names.push(name);
  testBackend({ create: cpu });
  delete globals.test;
  const fromTest = names.length;
  globals.Deno = { test: (name: string) => names.push(name) };
  testBackend({ create: cpu });
  expect(fromTest).toBeGreaterThan(1000);
  expect(names.length).toBe(2 * fromTest);
  expect(names).toContain("conv: aliased operands");
});

test("a listed reason is a test of its own, which fails once it is not needed", async () => {
  const tests = new Map<string, () => Promise<void>>();
  const unsupported = { "neg/forward/float32": "signs above 2 are not kept", exp: "not here" };
  testBackend({ create: broken, unsupported, test: (name, body) => tests.set(name, body) });
  await tests.get("neg: forward")?.();
  await expect(tests.get("neg: layouts")?.()).rejects.toThrow(/neg layouts float32: /);
  await tests.get("unsupported: neg/forward/float32")?.();
  await expect(tests.get("unsupported: exp")?.()).rejects.toThrow(
    "exp is listed as unsupported (not here), yet it passes: remove it",
  );
});
