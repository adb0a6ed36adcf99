// Threads in a page: with cross-origin isolation on workers of its own, without it on the page's thread alone, with the same
// bits. A page's main thread never sleeps.
import { expect, it } from "vitest";
import { bundled } from "./bundle.ts";
import { chromium, runInPage } from "./chromium.ts";

it.skipIf(chromium === undefined && process.env.CI !== "true")(
  "multiplies on the threads that a page may have, with the same bits (skipped without Chromium)",
  { timeout: 90_000 },
  async () => {
    const script = await bundled("page.ts");
    const [alone, isolated] = [await runInPage(script, false), await runInPage(script, true)] as {
      sum: string;
    }[];
    expect(alone).toMatchObject({ isolated: false, threads: 1, running: 1 });
    expect(isolated).toMatchObject({ isolated: true, threads: 3, running: 3 });
    expect(isolated?.sum).toBe(alone?.sum);
  },
);
