// CRC-32C (Castagnoli), and the masked form that guards each record of an event file.
// Imports nothing.

/** Reflected form of the polynomial 0x1EDC6F41. */
const polynomial = 0x82f63b78;

const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
});

/**
 * The CRC-32C of `bytes`; pass an earlier result as `seed` to continue over a second chunk.
 *
 * @param bytes - What to sum up.
 * @param seed - The CRC of what came before. Default 0: nothing.
 * @returns An unsigned 32-bit integer.
 * @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
 * @example
 * import assert from "node:assert/strict";
 * import { crc32c } from "@tead/summary";
 * assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * A CRC rotated right by 15 bits plus a constant, so that the CRC of data that contains CRCs stays
 * meaningful:
 * `((crc >>> 15) | (crc << 17)) + 0xa282ead8 (mod 2^32)`.
 *
 * @param crc - The result of {@link crc32c}.
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 * @example
 * import assert from "node:assert/strict";
 * import { maskCrc } from "@tead/summary";
 * assert.equal(maskCrc(0), 0xa282ead8);
 */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
