// Builds IDX files for the tests.

/** The bytes of an IDX file of the given type, sizes and big-endian contents. */
export function idxFile(type: number, shape: readonly number[], body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, type, shape.length]);
  for (const [i, size] of shape.entries()) view.setUint32(4 + 4 * i, size);
  bytes.set(body, 4 + 4 * shape.length);
  return bytes;
}

/** Images of 2 x 3 pixels counting up, and labels counting up modulo 10, in MNIST's form. */
export function tinyMnist(count: number): { images: Uint8Array; labels: Uint8Array } {
  const pixels = Uint8Array.from({ length: count * 6 }, (_, i) => i);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return { images: idxFile(8, [count, 2, 3], pixels), labels: idxFile(8, [count], labels) };
}
