// PyTorch's own op table, replayed: every case whose op exists here.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest, OpCase } from "./parity/manifest.ts";
import { type Outcome, replay, resolve } from "./parity/replay.ts";
import { readSafetensors } from "./parity/safetensors.ts";

const folder = process.env.TEAD_PARITY_DIR;
const manifest = folder === undefined ? undefined : join(folder, "ops.json");

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

if (manifest === undefined || !existsSync(manifest)) {
  const reason = `TEAD_PARITY_DIR is ${folder ?? "not set"}: expected a folder with ops.json`;
  // Reported as skipped, with the reason; in CI it fails.
  test.skipIf(!process.env.CI)(`PyTorch's op table is at hand (${reason})`, () => {
    expect.unreachable(reason);
  });
} else {
  const { cases }: Manifest = JSON.parse(readFileSync(manifest, "utf8"));
  const load = readSafetensors(manifest.replace(/json$/, "safetensors"));
  const outcomes: Outcome[] = [];

  describe("PyTorch's op table", () => {
    const ops = [...new Set(cases.map(({ op }) => op))];
    for (const op of ops)
      test(`${op} gives PyTorch's values and gradients`, async (context) => {
        const results: (Outcome & { readonly c: OpCase })[] = [];
        for (const c of cases) if (c.op === op) results.push({ c, ...(await replay(c, load)) });
        outcomes.push(...results);
        if (results.every(({ status }) => status === "missing")) context.skip("no such op here");
        const failed = results.filter(({ status }) => status === "failed");
        const lines = failed.map(({ c, message }) => `${c.name}: ${message}`);
        if (lines.length > 0) expect.unreachable(lines.join("\n"));
      });

    test("reports how many cases pass", ({ annotate }) => {
      const count = (status: Outcome["status"]): number =>
        outcomes.filter((each) => each.status === status).length;
      expect(outcomes.length).toBe(cases.length);
      const missing = ops.filter((op) => resolve(op) === undefined).length;
      return annotate(
        `${count("passed")} of ${cases.length} cases pass, ${count("failed")} fail, ` +
          `${count("damaged")} with damaged numbers (${missing} ops missing)`,
      );
    });
  });
}
