// Reads event files as the format's description says, sharing no code with the writer: the CRC is computed
// bit by bit, and any byte that is not as expected is an error.
import { type DecodedEvent, decodeEvent } from "./tensorboard-messages.ts";

function slowCrc32c(bytes: Uint8Array): bigint {
  let crc = 0xffff_ffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc % 2n === 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return crc ^ 0xffff_ffffn;
}

function slowMasked(bytes: Uint8Array): bigint {
  const crc = slowCrc32c(bytes);
  const rotated = (crc >> 15n) + ((crc % 0x8000n) << 17n);
  return (rotated + 0xa282ead8n) % 0x1_0000_0000n;
}

const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);

/** The payloads of a whole file. */
export function payloadsOf(file: Uint8Array): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let offset = 0;
  const take = (count: number): Uint8Array => {
    if (offset + count > file.length) throw new Error(`file ends inside a record at ${offset}`);
    offset += count;
    return file.subarray(offset - count, offset);
  };
  while (offset < file.length) {
    const length = take(8);
    if (littleEndian(take(4)) !== slowMasked(length)) throw new Error(`length CRC at ${offset}`);
    const payload = take(Number(littleEndian(length)));
    if (littleEndian(take(4)) !== slowMasked(payload)) throw new Error(`payload CRC at ${offset}`);
    payloads.push(payload);
  }
  return payloads;
}

export const eventsOf = (file: Uint8Array): DecodedEvent[] => payloadsOf(file).map(decodeEvent);
