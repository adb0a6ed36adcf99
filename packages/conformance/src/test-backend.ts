// The kit as tests of whichever runner is at hand.
import { type Backend, UnsupportedError } from "@tead/tensor";
import { describeResult, namesOf, type Result } from "./report.ts";
import { answer, type ConformanceOptions, type Question, questions } from "./run.ts";

/** What a runner gives to define a test: vitest's or jest's `test`, `node:test`'s, `Deno.test`. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown;

export interface TestBackendOptions extends ConformanceOptions {
  /** The runner's function; the global `test` or `Deno.test` unless said. */
  readonly test?: TestFunction;
}

function findTest(): TestFunction {
  const globals = globalThis as {
    readonly test?: TestFunction;
    readonly Deno?: { readonly test?: TestFunction };
  };
  const found = globals.test ?? globals.Deno?.test;
  if (found === undefined)
    throw new UnsupportedError("testBackend: No test runner: expected a global test function", {
      hint: 'pass one: import { test } from "node:test"; testBackend({ create, test })',
    });
  return found;
}

/**
 * Proves a backend: defines one test for each check of each op, on the numbers of PyTorch.
 *
 * @param options `create` makes the backend; `test` is the runner's function; `unsupported` lists
 * what the backend leaves out, by op ("conv"), check ("conv/errors") or dtype
 * ("conv/forward/float16"), each with its reason. A reason that is no longer needed fails.
 * @throws {UnsupportedError} where there is no test runner
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { testBackend } from "@tead/conformance";
 * const names: string[] = [];
 * testBackend({ create: cpu, test: (name) => names.push(name) });
 * assert.ok(names.includes("softmax: forward"));
 */
export function testBackend(options: TestBackendOptions): void {
  const { create, test = findTest(), unsupported = {} } = options;
  let device: Promise<Backend> | undefined;
  const answers = new Map<Question, Promise<Result[]>>();
  const ask = (question: Question): Promise<Result[]> => {
    device ??= Promise.resolve(create());
    const found =
      answers.get(question) ?? device.then((made) => answer(question, made, unsupported));
    answers.set(question, found);
    return found;
  };
  const all = questions();
  for (const question of all)
    test(`${question.op}: ${question.check}`, async () => {
      const failed = (await ask(question)).filter(({ status }) => status === "failed");
      if (failed.length > 0) throw new Error(failed.map(describeResult).join("\n"));
    });
  for (const [name, reason] of Object.entries(unsupported))
    test(`unsupported: ${name}`, async () => {
      const excused = all.filter(
        ({ op, check }) => name.split("/")[0] === op && mayExcuse(name, check),
      );
      const results = (await Promise.all(excused.map(ask))).flat();
      const needed = results.some(
        (each) => each.status === "unsupported" && namesOf(each).includes(name),
      );
      if (!needed)
        throw new Error(`${name} is listed as unsupported (${reason}), yet it passes: remove it`);
    });
}

/** Whether a name may excuse a check: it names the op alone, or this check. */
function mayExcuse(name: string, check: string): boolean {
  const named = name.split("/")[1];
  return named === undefined || named === check;
}
