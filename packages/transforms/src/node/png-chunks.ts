// Walks the chunks of a PNG before anything is inflated, so that whatever is broken is named with its offset,
// and keeps only those that pixels depend on.
import { FileFormatError } from "../image/file-format-error.ts";

/** The first eight bytes of every PNG. */
export const PNG_SIGNATURE: Uint8Array = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

/** Colour types: gray 0, RGB 2, palette 3, gray + alpha 4, RGBA 6. */
export const PALETTE = 3;

/** More pixels than this are taken for a decompression bomb: Pillow's limit. */
const MAX_PIXELS = 178_956_970;

/** The bit depths that each colour type allows. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** What the header and the chunks say of the pixels. */
export interface PngLayout {
  readonly width: number;
  readonly height: number;
  readonly colorType: number;
  /** Bits a sample. */
  readonly depth: number;
  readonly interlaced: boolean;
  /** True if the palette has alpha. */
  readonly paletteAlpha: boolean;
  /** Offset of the first chunk with pixels. */
  readonly dataOffset: number;
  /** The packed pixels: the contents of all chunks IDAT. */
  readonly data: Uint8Array;
  /** The same image with nothing but the chunks that its pixels depend on. */
  readonly bytes: Uint8Array;
}

interface Chunk {
  readonly type: string;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly whole: Uint8Array;
}

/** Checks the structure of a PNG and every checksum; throws a FileFormatError at the first fault. */
export function readPngLayout(bytes: Uint8Array, file: string): PngLayout {
  const fail = (offset: number, problem: string): never => {
    throw new FileFormatError("decodePng", file, offset, problem);
  };
  if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) fail(0, "expected a PNG signature");
  const chunks = [...walkChunks(bytes, fail)];
  const header = readHeader(chunks[0], fail);
  const firstData = chunks.find(({ type }) => type === "IDAT");
  if (firstData === undefined) return fail(bytes.length, "expected image data (a chunk IDAT)");
  const isPalette = header.colorType === PALETTE;
  if (isPalette && !chunks.some(({ type }) => type === "PLTE")) {
    fail(firstData.offset, "expected a palette (a chunk PLTE) before the image data");
  }
  // A single transparent colour (tRNS without a palette) is no channel: Pillow reads such images as L or RGB.
  const kept = ["IHDR", "PLTE", "IDAT", "IEND", ...(isPalette ? ["tRNS"] : [])];
  const parts = chunks.filter(({ type }) => kept.includes(type)).map(({ whole }) => whole);
  return {
    ...header,
    paletteAlpha: isPalette && chunks.some(({ type }) => type === "tRNS"),
    dataOffset: firstData.offset,
    data: concatenate(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data)),
    bytes: concatenate([PNG_SIGNATURE, ...parts]),
  };
}

type Fail = (offset: number, problem: string) => never;

function* walkChunks(bytes: Uint8Array, fail: Fail): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = PNG_SIGNATURE.length;
  for (;;) {
    if (offset + 8 > bytes.length) {
      fail(bytes.length, "the file ends before its chunk IEND");
    }
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const end = offset + 12 + length;
    if (end > bytes.length) {
      const rest = bytes.length - offset;
      fail(offset, `chunk ${type} is cut off: expected ${length + 12} bytes, received ${rest}`);
    }
    const stored = view.getUint32(end - 4);
    const actual = crc32(bytes.subarray(offset + 4, end - 4));
    if (stored !== actual) {
      fail(
        end - 4,
        `chunk ${type} has a wrong checksum: expected ${hex(actual)}, received ${hex(stored)}`,
      );
    }
    const data = bytes.subarray(offset + 8, end - 4);
    yield { type, offset, data, whole: bytes.subarray(offset, end) };
    if (type === "IEND") return;
    offset = end;
  }
}

function readHeader(
  chunk: Chunk | undefined,
  fail: Fail,
): Pick<PngLayout, "width" | "height" | "colorType" | "depth" | "interlaced"> {
  if (chunk?.type !== "IHDR" || chunk.data.length !== 13) {
    return fail(PNG_SIGNATURE.length, "expected a chunk IHDR of 13 bytes");
  }
  const { data } = chunk;
  const start = chunk.offset + 8;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [depth = 0, colorType = 0, compression, filter, interlace = 0] = data.subarray(8);
  if (width === 0 || height === 0) fail(start, `the image is ${height} x ${width} pixels`);
  if (width * height > MAX_PIXELS) {
    fail(start, `${height} x ${width} pixels are more than the limit of ${MAX_PIXELS}`);
  }
  if (!DEPTHS[colorType]?.includes(depth)) {
    fail(start + 8, `no PNG has colour type ${colorType} with ${depth} bits`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    fail(start + 10, "unknown compression, filter or interlace method");
  }
  return { width, height, colorType, depth, interlaced: interlace === 1 };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
