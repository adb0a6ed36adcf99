// Names in state dicts are PyTorch's snake_case, so that checkpoints go both ways.

/** `momentumBuffer` -> `momentum_buffer`. */
export function snakeKey(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `momentum_buffer` -> `momentumBuffer`. */
export function camelKey(key: string): string {
  return key.replace(/(?<=[a-z\d])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The entries of a record under keys made by `rename`, which also renames values that are words. */
export function renamed<V>(
  record: Readonly<Record<string, V>>,
  rename: (key: string) => string,
  renameKey: (key: string) => string = rename,
): Record<string, V> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      renameKey(key),
      typeof value === "string" ? (rename(value) as V) : value,
    ]),
  );
}
