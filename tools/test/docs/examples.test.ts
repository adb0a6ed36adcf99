// Every example of the docs is one test: it passes when the module runs to its end.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examples } from "virtual:doc-examples";
import { setDefaultDevice } from "@tead/tensor";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";

const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "tead-examples-"));

// Examples may write files ("runs/digits"): they do it in a folder that goes away.
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});
// Each example sets what it needs, as a reader's program does. Printing is what it may well be about.
beforeEach(() => {
  setDefaultDevice(undefined);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  return () => log.mockRestore();
});

test("the docs have examples", () => expect(examples.length).toBeGreaterThan(0));

for (const { file, line, load } of examples) {
  test(`${file}:${line} runs`, async () => {
    await load();
  });
}
