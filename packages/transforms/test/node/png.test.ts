import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { type Channels, decodeImage, FileFormatError } from "@tead/transforms/image";
import { decodePng, encodePng, pngDecoder } from "@tead/transforms/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noiseImage, readFixture } from "../fixture-images.ts";

interface PngCase {
  readonly name: string;
  readonly file: string;
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
  readonly data: string;
}
const { cases } = readFixture<{ cases: PngCase[] }>("png.json");
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

/** The error that decoding `bytes` under the name a.png ends in. */
function faultOf(bytes: Uint8Array): FileFormatError {
  try {
    decodePng(bytes, { file: "a.png" });
  } catch (error) {
    if (error instanceof FileFormatError) return error;
    throw error;
  }
  throw new Error("the file was read without complaint");
}

describe("decodePng()", () => {
  it.each(cases)("reads the pixels that Pillow reads: $name", (expected) => {
    const { height, width, channels } = expected;
    const image = decodePng(bytesOf(expected.file));
    expect({ ...expected, height: image.height, width: image.width }).toEqual(expected);
    expect(image.channels).toBe(channels);
    expect(image.data.length).toBe(height * width * channels);
    expect(Buffer.from(image.data).toString("base64")).toBe(expected.data);
  });

  it("names file and offset wherever a file is cut off", () => {
    const whole = encodePng(noiseImage(1, 6, 5, 3));
    for (let length = 0; length < whole.length; length++) {
      const fault = faultOf(whole.slice(0, length));
      expect(fault.file).toBe("a.png");
      expect(fault.offset).toBeLessThanOrEqual(length);
    }
    const fault = faultOf(whole.slice(0, 50));
    expect(fault.message).toMatch(
      /^decodePng: Cannot read a\.png: at byte 33: chunk IDAT is cut off: expected \d+ bytes, received 17$/,
    );
  });

  it("finds every flipped byte by a checksum", () => {
    const whole = encodePng(noiseImage(2, 4, 4));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const broken = whole.slice();
        broken[at]! ^= mask;
        expect(faultOf(broken).offset).toBeLessThanOrEqual(whole.length);
      }),
    );
    const broken = whole.slice();
    broken[45]! ^= 1;
    expect(faultOf(broken).message).toMatch(
      /chunk IDAT has a wrong checksum: expected [0-9a-f]{8}, received [0-9a-f]{8}$/,
    );
  });

  it("says what is wrong with a header, before allocating anything", () => {
    const header = (...fields: [number, number, ...number[]]): string =>
      faultOf(pngOf([ihdr(...fields), chunk("IDAT", []), chunk("IEND", [])])).message;
    expect(header(0, 3, 8, 0, 0, 0, 0)).toContain("at byte 16: the image is 3 x 0 pixels");
    expect(header(1e9, 1e9, 8, 0, 0, 0, 0)).toContain(
      "at byte 16: 1000000000 x 1000000000 pixels are more than the limit of 178956970",
    );
    expect(header(3, 3, 4, 2, 0, 0, 0)).toContain(
      "at byte 24: no PNG has colour type 2 with 4 bits",
    );
    expect(header(3, 3, 8, 2, 0, 0, 2)).toContain("unknown compression, filter or interlace");
  });

  it("says which part is missing or too short", () => {
    const gray = ihdr(2, 2, 8, 0, 0, 0, 0);
    const end = chunk("IEND", []);
    expect(faultOf(pngOf([gray, end])).message).toContain("expected image data (a chunk IDAT)");
    expect(faultOf(pngOf([chunk("IDAT", []), end])).message).toContain(
      "at byte 8: expected a chunk IHDR of 13 bytes",
    );
    const palette = ihdr(2, 2, 8, 3, 0, 0, 0);
    expect(faultOf(pngOf([palette, chunk("IDAT", []), end])).message).toContain(
      "expected a palette (a chunk PLTE) before the image data",
    );
    expect(faultOf(pngOf([gray, chunk("IDAT", [1, 2, 3]), end])).message).toMatch(
      /at byte 33: the pixels cannot be unpacked \(.+\)$/,
    );
    const pixels = (bytes: number): number[] => [...deflateSync(new Uint8Array(bytes))];
    const cut = chunk("IDAT", pixels(6).slice(0, -5));
    expect(faultOf(pngOf([gray, cut, end])).message).toMatch(/unexpected end of file\)$/);
    expect(faultOf(pngOf([gray, chunk("IDAT", pixels(5)), end])).message).toContain(
      "at byte 33: expected 6 bytes of pixels, received 5",
    );
    expect(faultOf(pngOf([gray, chunk("IDAT", pixels(7)), end])).message).toContain(
      "the pixels cannot be unpacked",
    );
    expect(decodePng(pngOf([gray, chunk("IDAT", pixels(6)), end])).data).toHaveLength(4);
    expect(faultOf(Uint8Array.of(1, 2)).message).toContain("at byte 0: expected a PNG signature");
  });
});

describe("encodePng()", () => {
  it("writes what decodePng() reads back, for all channels and sizes", () => {
    const size = fc.integer({ min: 1, max: 33 });
    fc.assert(
      fc.property(size, size, fc.constantFrom<Channels>(1, 2, 3, 4), (h, w, channels) => {
        const image = noiseImage(h * 100 + w, h, w, channels);
        expect(decodePng(encodePng(image))).toEqual(image);
      }),
    );
  });
});

describe("pngDecoder", () => {
  it("recognises PNG by its signature, however short the file", () => {
    const image = noiseImage(3, 2, 2);
    expect(decodeImage(encodePng(image), [pngDecoder])).toEqual(image);
    expect(pngDecoder.test(new Uint8Array(0))).toBe(false);
    expect(pngDecoder.test(encodePng(image).subarray(0, 7))).toBe(false);
  });
});

function chunk(type: string, data: readonly number[]): number[] {
  const body = [...Buffer.from(type, "latin1"), ...data];
  let crc = -1;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return [...uint32(data.length), ...body, ...uint32(~crc >>> 0)];
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function ihdr(width: number, height: number, ...rest: number[]): number[] {
  return chunk("IHDR", [...uint32(width), ...uint32(height), ...rest]);
}

function pngOf(chunks: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...chunks.flat()]);
}
