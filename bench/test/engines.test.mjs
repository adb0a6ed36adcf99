// Running engines: what happens to the other rows when one row cannot be measured.
import { expect, test } from "vitest";
import { runEngine } from "../src/engines.mjs";

const program = new URL("./fixtures/engine.mjs", import.meta.url).pathname;

test("a row that kills its process costs no other row its time", () => {
  const names = ["one", "kills", "unknown", "three"];
  expect(runEngine("Tead", { program, threads: "1", names })).toEqual({
    times: { one: { ms: 3, median: 6 }, three: { ms: 5, median: 10 } },
    failures: [
      { row: "kills", reason: "SIGKILL" },
      { row: "unknown", reason: "not written" },
    ],
  });
});

test("an engine that does not start says why, once for all rows", () => {
  const { times, failures } = runEngine("Tead", { program, threads: "9", names: ["one", "two"] });
  expect(times).toEqual({});
  expect(failures.map(({ row }) => row)).toEqual(["one", "two"]);
  expect(failures[0].reason).toBe("RangeError: too many threads");
});
