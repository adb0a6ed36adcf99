// Draws of the Mersenne Twister mt19937 by whole renewals of its 624 words, and what dropout makes of them. The words, the
// tempering and the comparison are those of packages/tensor: src/generator.ts and src/random/bernoulli.ts.

const WORDS: i32 = 624;
const MIDDLE: i32 = 397;

/** Four words from the old ones, those that follow them and those 397 places on. */
@inline
function twist(word: v128, next: v128, middle: v128): v128 {
  const mixed = v128.or(v128.and(word, i32x4.splat(0x80000000)), v128.and(next, i32x4.splat(0x7fffffff)));
  const low = i32x4.neg(v128.and(next, i32x4.splat(1)));
  return v128.xor(v128.xor(middle, i32x4.shr_u(mixed, 1)), v128.and(low, i32x4.splat(0x9908b0df)));
}

@inline
function temper(word: v128): v128 {
  let y = v128.xor(word, i32x4.shr_u(word, 11));
  y = v128.xor(y, v128.and(i32x4.shl(y, 7), i32x4.splat(0x9d2c5680)));
  y = v128.xor(y, v128.and(i32x4.shl(y, 15), i32x4.splat(0xefc60000)));
  return v128.xor(y, i32x4.shr_u(y, 18));
}

/** Renews words [from, to), whole vectors, and tempers them; `middle` is the distance of the third word, in bytes. */
@inline
function renew(words: usize, draws: usize, from: i32, to: i32, middle: isize): void {
  const end = words + ((<usize>to) << 2);
  let draw = draws + ((<usize>from) << 2);
  for (let at = words + ((<usize>from) << 2); at < end; at += 16) {
    const y = twist(v128.load(at), v128.load(at, 4), v128.load(at + <usize>middle));
    v128.store(at, y);
    v128.store(draw, temper(y));
    draw += 16;
  }
}

/** All bits set in lanes whose pairs of draws make a number below (high, low); 21 bits of the first count. */
@inline
function areBelow(pairs: usize, high: v128, low: v128): v128 {
  const a = v128.load(pairs), b = v128.load(pairs, 16);
  const first = v128.and(i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27), i32x4.splat(0x1fffff));
  const second = i8x16.shuffle(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  return v128.or(i32x4.lt_s(first, high), v128.and(i32x4.eq(first, high), i32x4.lt_u(second, low)));
}

/**
 * Renews the words at `words` `blocks` times, and writes 312 bytes each time: whether pairs of draws make numbers below the
 * bound. Where `odd`, the last of the old words is the first of a pair, and the last of the new ones is left. There is
 * room for four more words after the 624, and at `draws` for one before and 624 after it.
 */
export function bernoulliBlocks(
  words: usize, draws: usize, to: usize, blocks: i32, odd: bool, high: i32, low: i32,
): void {
  const highs = i32x4.splat(high), lows = i32x4.splat(low);
  const last = (WORDS - 1) << 2;
  const pairs = odd ? draws - 4 : draws;
  if (odd) store<i32>(draws + last, i32x4.extract_lane(temper(v128.load32_zero(words + last)), 0));
  for (let block = 0; block < blocks; block++) {
    store<i32>(draws - 4, load<i32>(draws + last));
    renew(words, draws, 0, 4, MIDDLE << 2);
    // The words after the last are the first, which are new by then.
    v128.store(words + (WORDS << 2), v128.load(words));
    renew(words, draws, 4, 228, MIDDLE << 2);
    renew(words, draws, 228, WORDS, (MIDDLE - WORDS) << 2);
    for (let at: usize = 0; at < <usize>(WORDS << 2); at += 64) {
      const eight = i16x8.narrow_i32x4_s(areBelow(pairs + at, highs, lows), areBelow(pairs + at + 32, highs, lows));
      v128.store64_lane(to, v128.and(i8x16.narrow_i16x8_s(eight, eight), i8x16.splat(1)), 0);
      to += 8;
    }
  }
}
