import { describe, expect, it } from "vitest";
import { crc32c, maskCrc } from "../src/index.ts";

describe("crc32c()", () => {
  // RFC 3720, appendix B.4.
  it.each([
    ["32 bytes of zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["32 bytes counting up", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["32 bytes counting down", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ["the digits 1 to 9", new TextEncoder().encode("123456789"), 0xe3069283],
    ["nothing", new Uint8Array(0), 0],
  ])("gives the published sum of %s", (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it("continues over chunks as over the whole", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) & 255);
    expect(crc32c(bytes.subarray(41), crc32c(bytes.subarray(0, 41)))).toBe(crc32c(bytes));
  });

  it("masks into an unsigned 32-bit integer", () => {
    expect(maskCrc(0xffffffff)).toBe((0xffffffff + 0xa282ead8) % 2 ** 32);
  });
});
