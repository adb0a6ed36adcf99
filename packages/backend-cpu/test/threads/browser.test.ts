// Threads in a page: with cross-origin isolation on workers of its own, without it on the page's thread alone, with the same
// bits. A page's main thread never sleeps.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
// @ts-expect-error a script without types
import { bundleProgram } from "../../../../tools/run-ts.mjs";
import { chromium, runInChromium } from "../../../backend-webgpu/test/browser/chromium.ts";

const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

it.skipIf(!chromium && !process.env.CI)(
  "multiplies on the threads that a page may have, with the same bits",
  { timeout: 90_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "tead-page-"));
    const file = await bundleProgram(join(import.meta.dirname, "page.ts"), folder);
    const script = readFileSync(file, "utf8");
    rmSync(folder, { recursive: true });
    const [alone, isolated] = [
      await runInChromium(script, ""),
      await runInChromium(script, "", isolation),
    ] as { isolated: boolean; threads: number; running: number; sum: string }[];
    expect(alone).toMatchObject({ isolated: false, threads: 1, running: 1 });
    expect(isolated).toMatchObject({ isolated: true, threads: 3, running: 3 });
    expect(isolated?.sum).toBe(alone?.sum);
  },
);
