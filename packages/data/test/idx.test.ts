import { parseIdx } from "@tead/data";
import { FileFormatError } from "@tead/transforms/image";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idxFile } from "./idx-file.ts";

const types = [
  [0x08, Uint8Array, "Uint8"],
  [0x09, Int8Array, "Int8"],
  [0x0b, Int16Array, "Int16"],
  [0x0c, Int32Array, "Int32"],
  [0x0d, Float32Array, "Float32"],
  [0x0e, Float64Array, "Float64"],
] as const;

describe("parseIdx()", () => {
  it.each(types)("reads big-endian numbers of type %i", (code, Data, name) => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 4 }), fc.integer(), (shape, seed) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const numbers = new Data(count);
        for (let i = 0; i < count; i++) numbers[i] = (seed * (i + 1)) % 99;
        const body = new DataView(new ArrayBuffer(numbers.byteLength));
        for (const [i, value] of numbers.entries()) {
          body[`set${name}`](i * numbers.BYTES_PER_ELEMENT, value);
        }
        const bytes = idxFile(code, shape, new Uint8Array(body.buffer));
        expect(parseIdx(bytes)).toEqual({ shape, data: numbers });
      }),
    );
  });

  it("names the file and the offset wherever a file is cut off", () => {
    const whole = idxFile(0x0c, [2, 1], new Uint8Array(8));
    for (let length = 0; length < whole.length; length++) {
      const parse = (): unknown => parseIdx(whole.slice(0, length), "a.idx");
      expect(parse).toThrow(FileFormatError);
      expect(parse).toThrow(`parseIdx: Cannot read a.idx: at byte ${length}: the file ends `);
    }
    expect(() => parseIdx(whole.slice(0, 17), "a.idx")).toThrow(
      "at byte 17: the file ends early: expected 20 bytes for [2, 1] int32 numbers",
    );
  });

  it("refuses bytes beyond the last number, a wrong magic number and unknown types", () => {
    const body = new Uint8Array(3);
    expect(() => parseIdx(idxFile(8, [2], body), "a.idx")).toThrow(
      "parseIdx: Cannot read a.idx: at byte 10: 1 bytes follow the last of [2] uint8 numbers",
    );
    expect(() => parseIdx(Uint8Array.of(0x1f, 0x8b, 8, 0))).toThrow(
      "parseIdx: Cannot read <bytes>: at byte 0: expected two zero bytes, received the magic number [1f 8b 08 00]",
    );
    expect(() => parseIdx(idxFile(0x0a, [3], body))).toThrow(
      "at byte 2: no IDX type has the number 0x0a",
    );
  });

  it("refuses sizes that no memory could hold, without allocating", () => {
    const sizes = [0xffffffff, 0xffffffff, 0xffffffff];
    expect(() => parseIdx(idxFile(8, sizes, new Uint8Array(1)))).toThrow(
      "the file ends early: expected",
    );
  });
});
