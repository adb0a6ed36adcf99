// A zip archive of stored entries whose bytes begin at multiples of 64, as PyTorch maps them into
// memory. Its dates are fixed: equal content gives equal bytes.
import { crc32 } from "./crc32.ts";

/** One file of an archive, in parts. */
export interface ZipContent {
  readonly name: string;
  readonly parts: readonly Uint8Array[];
}

const alignment = 64;
/** PyTorch's own extra field for padding: "FB". */
const paddingId = 0x4246;
/** 1980-01-01, the first day of zip's calendar. */
const date = 0x21;
const maxUint32 = 0xffffffff;

/** The archive's bytes, part by part; the contents' own are not copied. */
export function* zipParts(contents: readonly ZipContent[]): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, parts } of contents) {
    const entry = {
      name: new TextEncoder().encode(name),
      crc: parts.reduce((sum, part) => crc32(part, sum), 0),
      size: parts.reduce((sum, part) => sum + part.length, 0),
      offset,
    };
    const header = localHeader(entry);
    yield header;
    yield* parts;
    offset += header.length + entry.size;
    directory.push(directoryEntry(entry));
  }
  const length = directory.reduce((sum, each) => sum + each.length, 0);
  yield* directory;
  yield endRecord(contents.length, offset, length);
}

interface Entry {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly size: number;
  readonly offset: number;
}

/** A record under construction: little-endian numbers, one after another. */
class Record {
  readonly #bytes: number[] = [];
  add(width: 2 | 4 | 8, ...values: readonly number[]): this {
    for (const value of values)
      for (let i = 0, rest = value; i < width; i++, rest = Math.floor(rest / 256))
        this.#bytes.push(rest % 256);
    return this;
  }
  put(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }
  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Version 4.5 where an entry is beyond 32 bits; bit 11: the name is UTF-8; method 0: stored. */
const start = (record: Record, wide: boolean): Record =>
  record.add(2, wide ? 45 : 20, 0x800, 0, 0, date);

function localHeader({ name, crc, size, offset }: Entry): Uint8Array {
  const wide = size >= maxUint32;
  const extra = wide ? 20 : 0;
  const padding = -(offset + 30 + name.length + extra + 4) & (alignment - 1);
  const shown = wide ? maxUint32 : size;
  const record = start(new Record().add(4, 0x04034b50), wide)
    .add(4, crc, shown, shown)
    .add(2, name.length, extra + 4 + padding)
    .put(name);
  if (wide) record.add(2, 1, 16).add(8, size, size);
  return record.add(2, paddingId, padding).put(new Uint8Array(padding).fill(0x5a)).bytes();
}

function directoryEntry({ name, crc, size, offset }: Entry): Uint8Array {
  const wide = [
    ...(size >= maxUint32 ? [size, size] : []),
    ...(offset >= maxUint32 ? [offset] : []),
  ];
  const shown = Math.min(size, maxUint32);
  const record = start(new Record().add(4, 0x02014b50).add(2, 0), wide.length > 0)
    .add(4, crc, shown, shown)
    .add(2, name.length, wide.length > 0 ? 4 + 8 * wide.length : 0, 0, 0, 0)
    .add(4, 0, Math.min(offset, maxUint32))
    .put(name);
  if (wide.length > 0) record.add(2, 1, 8 * wide.length).add(8, ...wide);
  return record.bytes();
}

function endRecord(count: number, offset: number, length: number): Uint8Array {
  const record = new Record();
  const wide = count >= 0xffff || offset >= maxUint32 || length >= maxUint32;
  if (wide) {
    record.add(4, 0x06064b50).add(8, 44).add(2, 45, 45).add(4, 0, 0);
    record.add(8, count, count, length, offset);
    record
      .add(4, 0x07064b50, 0)
      .add(8, offset + length)
      .add(4, 1);
  }
  return record
    .add(4, 0x06054b50)
    .add(2, 0, 0, Math.min(count, 0xffff), Math.min(count, 0xffff))
    .add(4, Math.min(length, maxUint32), Math.min(offset, maxUint32))
    .add(2, 0)
    .bytes();
}
