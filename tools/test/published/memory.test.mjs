// Training runs for ever in flat memory, with nobody managing it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { build } from "../../build.mjs";
import { root } from "../../workspace.mjs";

beforeAll(() => build(["@tead/data", "@tead/nn", "@tead/optim"]));

test("10,000 steps of an MLP in a synchronous loop leave resident memory flat", () => {
  const program = join(root, "bench/src/memory.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8" });
  expect(stderr).toBe("");
  const { steps, early, everyThousand, end, loss } = JSON.parse(stdout);
  expect(steps).toBe(10_000);
  expect(loss).toBeLessThan(0.5); // it learnt, so it did the work
  expect(end / early).toBeLessThan(1.1);
  expect(Math.max(...everyThousand) / early).toBeLessThan(1.2); // garbage waits, but never for long
});
