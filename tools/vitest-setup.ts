// Runs before every test file: a test that writes to the console fails, naming the line that wrote.
// (An unhandled rejection already fails the run.) A test about printing replaces the method with vi.spyOn.
import { afterAll, afterEach, beforeEach } from "vitest";

const methods = ["log", "info", "warn", "error", "debug", "trace", "table", "dir"] as const;

interface Output {
  readonly text: string;
  readonly from: string;
}

let outputs: Output[] = [];

for (const method of methods) {
  const record = (...args: unknown[]): void => {
    const from = new Error().stack?.split("\n").slice(2, 4).join("\n") ?? "";
    outputs.push({ text: `console.${method}: ${args.map(String).join(" ")}`, from });
  };
  Object.defineProperty(console, method, { value: record, writable: true, configurable: true });
}

const report = (when: string): void => {
  const seen = outputs;
  outputs = [];
  if (seen.length === 0) return;
  const lines = seen.map(({ text, from }) => `${text}\n${from}`).join("\n");
  throw new Error(
    `Console output ${when} is an error; spy on the method if the test is about it\n${lines}`,
  );
};

beforeEach(() => report("while the test file loads"));
afterEach(() => report("during a test"));
afterAll(() => report("after the tests"));
