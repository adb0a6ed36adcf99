// Training runs for ever in flat memory, with nobody managing it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { build } from "../../build.mjs";
import { root } from "../../workspace.mjs";

beforeAll(() => build(["@tead/data", "@tead/nn", "@tead/optim"]));

// V8 enlarges its young generation when it likes: up to 16 MB a half, and on Node 26 up to 32. That is garbage in waiting,
// not growth, so every version gets the same bound here.
const options = ["--max-semi-space-size=16"];

test("10,000 steps of an MLP in a synchronous loop leave resident memory flat", () => {
  const program = join(root, "bench/src/flat.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [...options, program], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const { steps, early, everyThousand, end, loss } = JSON.parse(stdout);
  expect(steps).toBe(10_000);
  expect(loss).toBeLessThan(0.5); // it learnt, so it did the work
  expect(end / early).toBeLessThan(1.1);
  expect(Math.max(...everyThousand) / early).toBeLessThan(1.2); // garbage waits, but never for long
});
