// Where an event file may be continued: a scan over its records that stops at the first damage.
import { readSync } from "node:fs";
import { crc32c, maskCrc } from "../crc32c.ts";
import { readRecordLength, recordFooterBytes, recordHeaderBytes } from "../record.ts";

const chunkBytes = 1 << 18;

/** What a scan found. */
export interface Scan {
  /** Bytes of whole records at the beginning. */
  readonly end: number;
  /** What is wrong at `end`; undefined if the file ends there. */
  readonly problem?: string;
  /** Whether the damage is a record that was not written to its end, with nothing behind it. */
  readonly torn?: boolean;
}

/**
 * Reads an event file record by record.
 *
 * @param fd - A file open for reading.
 * @param size - Its size in bytes.
 */
export function scanRecords(fd: number, size: number): Scan {
  let offset = 0;
  while (offset < size) {
    const left = size - offset;
    if (left < recordHeaderBytes) {
      return torn(offset, `expected ${recordHeaderBytes} bytes of record header, received ${left}`);
    }
    const length = readRecordLength(read(fd, offset, recordHeaderBytes));
    if (length === undefined) {
      return { end: offset, problem: "the checksum of the record's length does not match it" };
    }
    const total = recordHeaderBytes + length + recordFooterBytes;
    if (total > left) return torn(offset, `expected a record of ${total} bytes, received ${left}`);
    if (!payloadIsSound(fd, offset + recordHeaderBytes, length)) {
      const problem = "the checksum of the record's content does not match it";
      return { end: offset, problem, torn: total === left };
    }
    offset += total;
  }
  return { end: offset };
}

const torn = (end: number, problem: string): Scan => ({ end, problem, torn: true });

function payloadIsSound(fd: number, start: number, length: number): boolean {
  const end = start + length;
  let crc = 0;
  for (let offset = start; offset < end; offset += chunkBytes) {
    crc = crc32c(read(fd, offset, Math.min(chunkBytes, end - offset)), crc);
  }
  return read(fd, end, recordFooterBytes).readUInt32LE(0) === maskCrc(crc);
}

function read(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, offset + filled);
    if (count === 0) break; // The file shrank meanwhile: the checksums will tell.
    filled += count;
  }
  return bytes;
}
