import { gzipSync } from "node:zlib";
import { gunzip } from "@tead/data/node";
import { FileFormatError } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";

const plain = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251);
const packed = new Uint8Array(gzipSync(plain));

function faultOf(bytes: Uint8Array): FileFormatError {
  try {
    gunzip(bytes, "a.gz");
  } catch (error) {
    if (error instanceof FileFormatError) return error;
    throw error;
  }
  throw new Error("the file was read without complaint");
}

describe("gunzip()", () => {
  it("unpacks", () => {
    expect(new Uint8Array(gunzip(packed, "a.gz"))).toEqual(plain);
  });

  it("names file and offset when the stream is cut off", () => {
    for (const length of [3, 12, 100, packed.length - 1]) {
      expect(faultOf(packed.slice(0, length)).message).toBe(
        `gunzip: Cannot read a.gz: at byte ${length}: the gzip stream ends early`,
      );
    }
  });

  it("finds the byte at which a damaged stream makes no sense any more", () => {
    const header = packed.slice();
    header[0] = 0;
    expect(faultOf(header).offset).toBeLessThan(2);
    const checksum = packed.slice();
    checksum[packed.length - 8]! ^= 1;
    const fault = faultOf(checksum);
    expect(fault.message).toMatch(/the gzip stream is damaged \(incorrect data check\)$/);
    expect(fault.offset).toBeGreaterThanOrEqual(packed.length - 8);
    expect(fault.offset).toBeLessThan(packed.length);
  });
});
