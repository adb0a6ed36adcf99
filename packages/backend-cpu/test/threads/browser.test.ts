// Threads in a page: with cross-origin isolation on workers of its own, without it on the page's thread alone, with the same
// bits. A page's main thread never sleeps.
import { expect, it } from "vitest";
import { bundle } from "../../../../tools/bundle.mjs";
import { chromium, isolation, runInChromium } from "../../../../tools/testing/chromium.ts";

it.skipIf(chromium === undefined && process.env.CI !== "true")(
  "multiplies on the threads that a page may have, with the same bits (skipped without Chromium)",
  { timeout: 90_000 },
  async () => {
    const script = await bundle(new URL("./page.ts", import.meta.url), "browser");
    const [alone, isolated] = [
      await runInChromium(script),
      await runInChromium(script, "", isolation),
    ] as {
      sum: string;
    }[];
    expect(alone).toMatchObject({ isolated: false, threads: 1, running: 1 });
    expect(isolated).toMatchObject({ isolated: true, threads: 3, running: 3 });
    expect(isolated?.sum).toBe(alone?.sum);
  },
);
