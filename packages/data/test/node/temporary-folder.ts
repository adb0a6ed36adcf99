// A folder for each test, removed after it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** Call in a describe block; the returned function gives the folder of the running test. */
export function temporaryFolder(): () => string {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tead-data-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
