import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { frameRecord } from "../../src/index.ts";
import { type Scan, scanRecords } from "../../src/node/recover.ts";

const folder = mkdtempSync(join(tmpdir(), "tead-recover-"));
afterAll(() => rmSync(folder, { recursive: true }));

function scan(file: Uint8Array): Scan {
  const path = join(folder, "file");
  writeFileSync(path, file);
  const fd = openSync(path, "r");
  try {
    return scanRecords(fd, file.length);
  } finally {
    closeSync(fd);
  }
}

const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 6 });
const fileOf = (all: readonly Uint8Array[]): Buffer =>
  Buffer.concat(all.map((p) => frameRecord(p)));
/** Where records begin, and the end of the file. */
function boundaries(all: readonly Uint8Array[]): number[] {
  const ends = [0];
  for (const { length } of all) ends.push(ends.at(-1)! + length + 16);
  return ends;
}

describe("scanRecords()", () => {
  it("reads whole files to their end, chunks and all", () => {
    const big = new Uint8Array(700_001).map((_, i) => i * 31);
    const file = fileOf([big, Uint8Array.of(1)]);
    expect(scan(file)).toEqual({ end: file.length });
    expect(scan(new Uint8Array(0))).toEqual({ end: 0 });
  });

  it("finds the last whole record of a file cut anywhere", () => {
    fc.assert(
      fc.property(payloads, fc.nat(), (all, seed) => {
        const file = fileOf(all);
        const cut = seed % file.length;
        const { end, problem, torn } = scan(file.subarray(0, cut));
        expect(end).toBe(boundaries(all).findLast((at) => at <= cut));
        expect(problem !== undefined).toBe(end < cut);
        if (end < cut) expect(torn).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("stops before the record in which any bit flipped", () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.nat(7), (all, seed, bit) => {
        const file = fileOf(all);
        const at = seed % file.length;
        file[at]! ^= 1 << bit;
        const { end, problem } = scan(file);
        expect(end).toBe(boundaries(all).findLast((start) => start <= at));
        expect(problem).toMatch(/checksum/);
      }),
      { numRuns: 200 },
    );
  });
});
