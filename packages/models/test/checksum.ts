// The CRC-32 of a tensor's bytes, which the fixtures hold in place of large values.
import type { Tensor } from "@tead/tensor";

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  return c;
});

export function checksum(tensor: Tensor): number {
  const { buffer, byteOffset, byteLength } = tensor.dataSync();
  let crc = ~0;
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
    crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}
