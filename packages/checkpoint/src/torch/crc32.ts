// The checksum of zip archives: CRC-32 (polynomial 0xEDB88320), eight bytes a round.

const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
const first = tables[0] as Uint32Array;
for (let i = 0; i < 256; i++) {
  let c = i;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  first[i] = c;
}
for (let i = 0; i < 256; i++)
  for (let t = 1; t < 8; t++) {
    const before = (tables[t - 1] as Uint32Array)[i] as number;
    (tables[t] as Uint32Array)[i] = (first[before & 255] as number) ^ (before >>> 8);
  }

/** The checksum of bytes; `before` is that of the bytes before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as unknown as readonly [
    ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
    ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
  ];
  let c = before ^ 0xffffffff;
  let i = 0;
  const whole = bytes.length - 7;
  for (; i < whole; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c =
      t7[c & 255]! ^
      t6[(c >>> 8) & 255]! ^
      t5[(c >>> 16) & 255]! ^
      t4[c >>> 24]! ^
      t3[bytes[i + 4]!]! ^
      t2[bytes[i + 5]!]! ^
      t1[bytes[i + 6]!]! ^
      t0[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) c = t0[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
