// @tead/checkpoint in Chromium: the file system of browsers, Blobs, models.
import { describe, expect, it } from "vitest";
import { bundle } from "../../bundle.mjs";
import { chromium, runInChromium } from "../../testing/chromium.ts";

interface Report {
  readonly losses: number[];
  readonly again: number[];
  readonly files: string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly part: number[];
  readonly whole: number[];
}

const page = new URL("./checkpoint-page.ts", import.meta.url);
const runs = chromium !== undefined || process.env.CI === "true";
describe.skipIf(!runs)("in Chromium (skipped where there is none)", () => {
  it("training runs, models and files live in the browser", { timeout: 120_000 }, async () => {
    const report = (await runInChromium(await bundle(page, "browser"))) as Report;
    expect(report).not.toHaveProperty("error");
    expect(report.losses).toHaveLength(4);
    expect(report.again).toEqual(report.losses);
    expect(report.files.length).toBeGreaterThanOrEqual(3);
    expect(report.files.every((name) => /^step-\d+-\d+\.ckpt$/.test(name))).toBe(true);
    expect(report.after).toEqual(report.before);
    expect([report.part, report.whole]).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });
});
