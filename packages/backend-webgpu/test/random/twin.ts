// The slow, obvious twin of the device's draws: the same steps in whole numbers of any size.

const low32 = (x: bigint): bigint => BigInt.asUintN(32, x);

/** Four random words: Philox 4x32-10. */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let c = counter.map(BigInt);
  let k = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const [a, b] = [0xd2511f53n * (c[0] as bigint), 0xcd9e8d57n * (c[2] as bigint)];
    c = [
      (b >> 32n) ^ (c[1] as bigint) ^ (k[0] as bigint),
      low32(b),
      (a >> 32n) ^ (c[3] as bigint) ^ (k[1] as bigint),
      low32(a),
    ];
    k = [low32((k[0] as bigint) + 0x9e3779b9n), low32((k[1] as bigint) + 0xbb67ae85n)];
  }
  return c.map(Number);
}

/** The words that a fill of `count` elements takes. */
export function wordsOf(count: number, [high, low]: readonly [number, number]): number[] {
  const blocks = Array.from({ length: Math.ceil(count / 4) }, (_, i) =>
    philox([i, 0, 0, 0], [low, high]),
  );
  return blocks.flat().slice(0, count);
}

/** A word's uniform number in [0, 1). */
export const uniformOf = (word: number): number => (word >>> 8) * 2 ** -24;

/** A pair of normal numbers by the textbook, in double precision. */
export function normalsOf(first: number, second: number): [number, number] {
  const u = ((first | 1) >>> 0) * 2 ** -32;
  const radius = Math.sqrt(-2 * Math.log(u));
  const angle = 2 * Math.PI * second * 2 ** -32;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
