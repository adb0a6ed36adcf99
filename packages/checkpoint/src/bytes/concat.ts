// Parts of a file as one array.

/** All bytes of `parts`, in order. */
export function concat(parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const list = [...parts];
  const bytes = new Uint8Array(list.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of list) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
