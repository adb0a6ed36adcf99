// The directory of a zip archive, and its entries by byte range: stored ones only, as torch.save
// writes them. Why no zip library: docs/decisions/0006-own-zip.md.
import { type ByteSource, readExactly, readInChunks } from "../bytes/source.ts";
import { TorchFileError } from "../errors.ts";
import { endOfFile, type TakeBytes } from "./archive.ts";
import { crc32 } from "./crc32.ts";

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Where its local header stands. */
  readonly headerOffset: number;
}

const endBytes = 22;
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locatorSignature = 0x07064b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
const localBytes = 30;
/** Read at once from the end of an archive. */
const tailBytes = 1 << 16;

/** An archive whose directory has been read and checked against its size. */
export class ZipReader {
  readonly #op: string;
  readonly #source: ByteSource;
  readonly #entries: ReadonlyMap<string, ZipEntry>;
  /** PyTorch can be told to write none: then it writes 0 for all. */
  readonly #hasChecksums: boolean;

  private constructor(op: string, source: ByteSource, entries: ReadonlyMap<string, ZipEntry>) {
    this.#op = op;
    this.#source = source;
    this.#entries = entries;
    this.#hasChecksums = [...entries.values()].some(({ crc }) => crc !== 0);
  }

  /** Reads the directory. @throws TorchFileError where it is damaged or promises too much. */
  static async open(op: string, source: ByteSource, memoryLimit: number): Promise<ZipReader> {
    const { size } = source;
    const tailStart = Math.max(0, size - tailBytes);
    const tail = await source.read(tailStart, size - tailStart);
    const fail: Fail = (at, problem) => {
      throw new TorchFileError(op, source.name, at, problem);
    };
    const { start, length, count } = await findDirectory(source, tail, tailStart, fail);
    // What an entry takes in memory, about.
    if (count * 256 > memoryLimit)
      fail(
        start,
        `the zip directory has ${count} entries, which take more memory than ${memoryLimit} bytes`,
      );
    const inTail = start >= tailStart;
    const bytes = inTail
      ? tail.subarray(start - tailStart, start - tailStart + length)
      : await readExactly(source, start, length, (at) => fail(at, "expected the zip directory"));
    const entries = readDirectory(bytes, start, count, fail);
    checkRanges(entries, start, fail);
    return new ZipReader(op, source, new Map(entries.map((entry) => [entry.name, entry])));
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }
  get(name: string): ZipEntry | undefined {
    return this.#entries.get(name);
  }

  /** Where an entry's bytes begin in the file. */
  async dataOffset({ name, size, headerOffset }: ZipEntry): Promise<number> {
    const fail = this.#fail;
    const bytes = await this.#range(headerOffset, localBytes);
    const view = viewOf(bytes);
    if (view.getUint32(0, true) !== localSignature)
      return fail(headerOffset, `${JSON.stringify(name)}: expected a zip entry's header`);
    const nameLength = view.getUint16(26, true);
    const start = headerOffset + localBytes + nameLength + view.getUint16(28, true);
    const ownName = await this.#range(headerOffset + localBytes, nameLength);
    if (decode(ownName) !== name)
      fail(headerOffset, `expected the header of ${JSON.stringify(name)}, received another's`);
    if (start + size > this.#source.size)
      fail(
        headerOffset,
        `${JSON.stringify(name)}: expected ${size} bytes, received the end of the file`,
      );
    return start;
  }

  /** All bytes of an entry. */
  async read(entry: ZipEntry, verify: boolean): Promise<{ bytes: Uint8Array; start: number }> {
    const start = await this.dataOffset(entry);
    const bytes = await this.#range(start, entry.size);
    if (verify) this.#compare(entry, start, crc32(bytes));
    return { bytes, start };
  }

  /** All bytes of an entry, in pieces. */
  async readInChunks(entry: ZipEntry, verify: boolean, take: TakeBytes): Promise<void> {
    const start = await this.dataOffset(entry);
    let sum = 0;
    const onEnd = (at: number): never => this.#fail(at, endOfFile);
    await readInChunks(this.#source, start, entry.size, onEnd, (bytes, at) => {
      if (verify) sum = crc32(bytes, sum);
      take(bytes, at);
    });
    if (verify) this.#compare(entry, start, sum);
  }

  #compare(entry: ZipEntry, start: number, sum: number): void {
    if (sum === entry.crc || !this.#hasChecksums) return;
    this.#fail(
      start,
      `${JSON.stringify(entry.name)}: expected checksum ${hex(entry.crc)}, received ${hex(sum)}` +
        "\nHint: the file is damaged; what is left of it can be read with { verify: false }",
    );
  }

  readonly #fail: Fail = (at, problem) => {
    throw new TorchFileError(this.#op, this.#source.name, at, problem);
  };
  #range(start: number, length: number): Promise<Uint8Array> {
    return readExactly(this.#source, start, length, (at) => this.#fail(at, endOfFile));
  }
}

type Fail = (at: number, problem: string) => never;
const hex = (value: number): string => value.toString(16).padStart(8, "0");
const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

interface Directory {
  readonly start: number;
  readonly length: number;
  readonly count: number;
}

/** The record at the end of an archive, and the wider one before it where sizes need it. */
async function findDirectory(
  source: ByteSource,
  tail: Uint8Array,
  tailStart: number,
  fail: Fail,
): Promise<Directory> {
  const view = viewOf(tail);
  let at = tail.length - endBytes;
  // A comment may follow: the record must say that it reaches the end.
  while (
    at >= 0 &&
    !(
      view.getUint32(at, true) === endSignature &&
      at + endBytes + view.getUint16(at + 20, true) === tail.length
    )
  )
    at--;
  if (at < 0) return fail(source.size, "expected the end of a zip archive: the file is cut off");
  const found = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  };
  const locator = at - 20;
  const wide = locator >= 0 && view.getUint32(locator, true) === locatorSignature;
  const directory = wide
    ? await findWide(source, Number(view.getBigUint64(locator + 8, true)), fail)
    : found;
  if (directory.start + directory.length > tailStart + at)
    fail(
      tailStart + at,
      `expected a zip directory before byte ${tailStart + at}, received bytes ${directory.start} to ${directory.start + directory.length}`,
    );
  // 46 bytes an entry at least: a count beyond that is no count.
  if (directory.count * 46 > directory.length)
    fail(
      tailStart + at,
      `expected at most ${Math.floor(directory.length / 46)} entries in the zip directory, received ${directory.count}`,
    );
  return directory;
}

async function findWide(source: ByteSource, at: number, fail: Fail): Promise<Directory> {
  if (at + 56 > source.size) return fail(source.size, `expected a zip64 record at byte ${at}`);
  const view = viewOf(await source.read(at, 56));
  if (view.byteLength < 56 || view.getUint32(0, true) !== end64Signature)
    return fail(at, "expected the zip64 end of a zip archive");
  const number = (offset: number): number => Number(view.getBigUint64(offset, true));
  return { count: number(32), length: number(40), start: number(48) };
}

function readDirectory(bytes: Uint8Array, start: number, count: number, fail: Fail): ZipEntry[] {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const here = start + at;
    if (at + 46 > bytes.length || view.getUint32(at, true) !== directorySignature)
      return fail(here, `expected entry ${i} of the zip directory`);
    const [nameLength, extraLength] = [
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
    ];
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) return fail(here, `expected entry ${i} within the zip directory`);
    const name = decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const method = view.getUint16(at + 10, true);
    if (method !== 0 || (view.getUint16(at + 8, true) & 1) === 1)
      return fail(
        here,
        `refused ${JSON.stringify(name)}: expected a stored entry, received one that is ${method === 0 ? "encrypted" : `compressed (method ${method})`}`,
      );
    const wide = wideFields(viewOf(bytes.subarray(at + 46 + nameLength, next)), extraLength);
    const field = (offset: number): number => {
      const value = view.getUint32(at + offset, true);
      return value === 0xffffffff ? (wide.shift() ?? value) : value;
    };
    // In the order in which the zip64 field has them.
    const [size, stored, headerOffset] = [field(24), field(20), field(42)];
    if (size !== stored)
      return fail(
        here,
        `${JSON.stringify(name)}: expected ${size} stored bytes, received ${stored}`,
      );
    entries.push({ name, size, headerOffset, crc: view.getUint32(at + 16, true) });
    at = next;
  }
  return entries;
}

/** The 8-byte numbers of the zip64 extra field. */
function wideFields(extra: DataView, length: number): number[] {
  for (let at = 0; at + 4 <= length; at += 4 + extra.getUint16(at + 2, true)) {
    const size = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) !== 1 || at + 4 + size > length) continue;
    return Array.from({ length: size >> 3 }, (_, i) =>
      Number(extra.getBigUint64(at + 4 + 8 * i, true)),
    );
  }
  return [];
}

/** No two entries on the same bytes: else a small file could stand for a huge one. */
function checkRanges(entries: readonly ZipEntry[], directory: number, fail: Fail): void {
  const sorted = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  sorted.forEach(({ name, size, headerOffset }, i) => {
    const end = headerOffset + localBytes + name.length + size;
    const limit = sorted[i + 1]?.headerOffset ?? directory;
    if (!(end <= limit))
      fail(
        headerOffset,
        `${JSON.stringify(name)}: expected its ${size} bytes to end before byte ${limit}, where the next entry begins`,
      );
  });
  const names = new Set<string>();
  for (const { name, headerOffset } of entries) {
    if (names.has(name)) fail(headerOffset, `the archive holds ${JSON.stringify(name)} twice`);
    names.add(name);
  }
}
