// TFRecord framing: length, CRC of the length, payload, CRC of the payload, all little-endian.
import { crc32c, maskCrc } from "./crc32c.ts";

/** Bytes before the payload: a uint64 length and the CRC that guards it. */
export const recordHeaderBytes = 12;
/** Bytes after the payload: the CRC that guards it. */
export const recordFooterBytes = 4;

/**
 * One payload as a TFRecord:
 *
 * `uint64 length | uint32 masked crc of length | payload | uint32 masked crc of payload`
 *
 * @param payload - The record's content; it is copied.
 * @returns `payload.length + 16` bytes, ready to be appended to a file.
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 * @example
 * import assert from "node:assert/strict";
 * import { frameRecord } from "@tead/summary";
 * assert.equal(frameRecord(Uint8Array.of(1, 2, 3)).length, 19);
 */
export function frameRecord(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(recordHeaderBytes + payload.length + recordFooterBytes);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskCrc(crc32c(record.subarray(0, 8))), true);
  record.set(payload, recordHeaderBytes);
  view.setUint32(recordHeaderBytes + payload.length, maskCrc(crc32c(payload)), true);
  return record;
}

/**
 * The payload length that a record's header promises.
 *
 * @param header - The first 12 bytes of a record.
 * @returns The length in bytes, or `undefined` if the header's CRC does not fit it.
 */
export function readRecordLength(header: Uint8Array): number | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const sound = view.getUint32(8, true) === maskCrc(crc32c(header.subarray(0, 8)));
  return sound && Number.isSafeInteger(length) ? length : undefined;
}
