// Normal numbers from random words, in fixed point: WGSL leaves the last bits of log, sin, cos and
// sqrt to the adapter, integers not. Each step is good to 2^-24 or better.

/** atan(2^-i) in parts of a turn of 2^32. */
const angles: readonly number[] = Array.from({ length: 30 }, (_, i) =>
  Math.round((Math.atan(2 ** -i) / (2 * Math.PI)) * 2 ** 32),
);

/** What 30 rotations stretch a vector by, undone beforehand, with 30 bits after the point. */
const start: number = Math.round(
  2 ** 30 * angles.reduce((product, _, i) => product / Math.hypot(1, 2 ** -i), 1),
);

/** 2 ln 2 with 31 bits after the point. */
const twiceLn2: number = Math.round(2 * Math.LN2 * 2 ** 31);

/**
 * `normals(words)`: a pair by Box and Muller, r cos(2 pi v) and r sin(2 pi v), r = sqrt(-2 ln u),
 * with u the first word over 2^32 (its last bit set, so that it is not 0) and v the second.
 * Needs `mulHigh`.
 */
export const normals: string = /* wgsl */ `
const angles = array<i32, ${angles.length}>(${angles.join(", ")});

/** -log2(word / 2^32), 26 bits after the point: squaring doubles a logarithm. */
fn negativeLog2(word: u32) -> u32 {
  let zeros = countLeadingZeros(word);
  var m = word << zeros;
  var bits = 0u;
  for (var i = 0u; i < 26u; i++) {
    let square = mulHigh(m, m);
    let carry = square >> 31u;
    bits = (bits << 1u) | carry;
    m = square << (1u - carry);
  }
  return ((zeros + 1u) << 26u) - bits;
}

/** The root of x * 2^28, digit by digit. */
fn scaledRoot(x: u32) -> u32 {
  var rest = 0u;
  var root = 0u;
  var digits = x;
  for (var i = 0u; i < 30u; i++) {
    rest = (rest << 2u) | (digits >> 30u);
    digits <<= 2u;
    let trial = (root << 2u) | 1u;
    root <<= 1u;
    if (rest >= trial) {
      rest -= trial;
      root |= 1u;
    }
  }
  return root;
}

/** Cosine and sine of a part of a turn, 30 bits after the point: rotations by ever smaller angles. */
fn cosAndSin(turn: u32) -> vec2i {
  var x = ${start}i;
  var y = 0i;
  var z = i32(turn & 0x3fffffffu);
  for (var i = 0u; i < ${angles.length}u; i++) {
    let dx = y >> i;
    let dy = x >> i;
    if (z >= 0i) {
      x -= dx;
      y += dy;
      z -= angles[i];
    } else {
      x += dx;
      y -= dy;
      z += angles[i];
    }
  }
  switch turn >> 30u {
    case 0u: { return vec2i(x, y); }
    case 1u: { return vec2i(-y, x); }
    case 2u: { return vec2i(-x, -y); }
    default: { return vec2i(y, -x); }
  }
}

/** radius * part as a float; rounded to 24 bits first, so that the conversion is exact. */
fn scaledFloat(radius: u32, part: i32) -> f32 {
  let size = mulHigh(radius << 2u, u32(abs(part)) << 1u);
  let extra = max(8u, countLeadingZeros(size)) - countLeadingZeros(size);
  let rounded = ((size + ((1u << extra) >> 1u)) >> extra) << extra;
  let value = f32(rounded) * ${2 ** -28}f;
  return select(value, -value, part < 0i);
}

fn normals(words: vec2u) -> vec2f {
  let radius = scaledRoot(mulHigh(negativeLog2(words.x | 1u), ${twiceLn2}u) << 1u);
  let direction = cosAndSin(words.y);
  return vec2f(scaledFloat(radius, direction.x), scaledFloat(radius, direction.y));
}`;
