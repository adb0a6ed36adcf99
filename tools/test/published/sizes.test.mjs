// What users download and wait for: sizes of the built packages, and the time to import the core.
import { beforeAll, expect, test } from "vitest";
import { build } from "../../build.mjs";
import {
  assemblyBytes,
  gzippedBytes,
  importMs,
  installedBytes,
  limits,
} from "../../check-sizes.mjs";
import { packages } from "../../workspace.mjs";

beforeAll(() => build());

for (const { short, folder } of packages()) {
  test(`@tead/${short} stays under its gzip ceiling`, () => {
    expect(limits.gzipKiB[short]).toBeGreaterThan(0);
    expect(gzippedBytes(folder) / 1024).toBeLessThanOrEqual(limits.gzipKiB[short]);
  });
}

test("the plain and the relaxed WebAssembly module together take less than 150 kB", () => {
  const bytes = assemblyBytes();
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(limits.assemblyGzipBytes);
});

test("the core packages take less than 2.1 MB once installed", () => {
  const core = packages().filter(({ short }) => limits.core.packages.includes(short));
  expect(core).toHaveLength(5);
  const bytes = core.reduce((sum, { folder }) => sum + installedBytes(folder), 0);
  expect(bytes).toBeLessThan(limits.core.installedBytes);
});

test("the core packages import in less than 100 ms", () => {
  expect(importMs(limits.core.importMs)).toBeLessThan(limits.core.importMs);
});
