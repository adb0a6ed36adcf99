import { decodeImage, FileFormatError, Image, type ImageDecoder } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";

const decoder = (name: string, first: number): ImageDecoder => ({
  name,
  extensions: [`.${name}`],
  test: (bytes) => bytes[0] === first,
  decode: (bytes) => new Image(bytes.slice(1, 2), 1, 1),
});

describe("decodeImage()", () => {
  it("asks the decoders in order and uses the first that recognises the bytes", () => {
    const bytes = Uint8Array.of(2, 42);
    const decoders = [decoder("one", 1), decoder("two", 2)];
    expect(decodeImage(bytes, decoders).at(0, 0)).toBe(42);
  });

  it("names the file, the offset, its first bytes and the decoders when none knows it", () => {
    const decode = (): Image =>
      decodeImage(Uint8Array.of(0xff, 0xd8), [decoder("one", 1)], { file: "a.jpg" });
    expect(decode).toThrow(FileFormatError);
    expect(decode).toThrow(
      "decodeImage: Cannot read a.jpg: at byte 0: no decoder knows a file that begins with [ff d8] (decoders: one)",
    );
  });
});
