// The conformance kit in Chromium. A sample of ops from every family by default; all of them with
// TEAD_BROWSER_OPS=all.
import type { Report } from "@tead/conformance";
import { describe, expect, it } from "vitest";
import { bundle } from "../../../../tools/bundle.mjs";
import { chromium, runInChromium } from "../../../../tools/testing/chromium.ts";

const sample =
  "backend,add,copy,where,sum,matmul,softmax,layerNorm,embedding,scatterAdd,sort,cumsum,maxPool,nllLoss,adamUpdate";
const ops = process.env.TEAD_BROWSER_OPS ?? sample;

const page = new URL("./page.ts", import.meta.url);
const runs = chromium !== undefined || process.env.CI === "true";
describe.skipIf(!runs)("the kit in Chromium (skipped where there is none)", () => {
  it("passes", { timeout: 900_000 }, async () => {
    const query = ops === "all" ? "" : `ops=${ops}`;
    const report = (await runInChromium(await bundle(page, "browser"), query)) as Report;
    expect(report).not.toHaveProperty("error");
    expect(report.results.filter(({ status }) => status !== "passed")).toEqual([]);
    const asked = new Set(report.results.map(({ op }) => op));
    expect(asked.size).toBeGreaterThanOrEqual(ops === "all" ? 150 : ops.split(",").length);
    expect(report).toMatchObject({ backend: "webgpu", passed: true });
    if (ops === "all")
      process.stdout.write(`${asked.size} ops, ${report.results.length} results\n`);
  });
});
