// Sine, cosine and the angle of a point in WGSL, for arguments of every size.
import type { MathFunction } from "./math.ts";

/** |x| * 2 / pi modulo 4 and the rest, from the bits of 2 / pi that matter (Payne and Hanek). */
export const largeArgument: MathFunction = {
  code: `
// 32 zero bits, then the first 256 bits of 2 / pi.
const twoOverPi = array<u32, 9>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
  0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u);
fn window(bit: u32) -> u32 {
  var words = twoOverPi;
  let word = bit / 32u;
  let shift = bit % 32u;
  if (shift == 0u) { return words[word]; }
  return (words[word] << shift) | (words[word + 1u] >> (32u - shift));
}
fn highProduct(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}
// The quadrant as x, the angle within it, from -pi / 4 to pi / 4, as y.
fn largeArgument(x: f32) -> vec2f {
  let bits = bitcast<u32>(abs(x));
  let m = (bits & 0x007fffffu) | 0x00800000u;
  // |x| = m * 2^k; bits of 2 / pi above 2^1 / 2^k give multiples of 4.
  let start = u32(i32(bits >> 23u) - 150 - 2 + 32);
  let w0 = window(start);
  let w1 = window(start + 32u);
  let w2 = window(start + 64u);
  // The low 96 bits of m * w
  let p2 = m * w2;
  let low = m * w1;
  let p1 = low + highProduct(m, w2);
  let carry = select(0u, 1u, p1 < low);
  let p0 = m * w0 + highProduct(m, w1) + carry;
  var quadrant = p0 >> 30u;
  var high = (p0 << 2u) | (p1 >> 30u);
  var rest = (p1 << 2u) | (p2 >> 30u);
  let below = (high >> 31u) == 1u;
  if (below) {
    quadrant += 1u;
    rest = ~rest + 1u;
    high = ~high + select(0u, 1u, rest == 0u);
  }
  let size = f32(high) * 2.3283064365386963e-10 + f32(rest) * 5.421010862427522e-20;
  return vec2f(f32(quadrant & 3u), select(size, -size, below) * 1.5707963267948966);
}`,
};

export const trigonometry: Readonly<Record<string, MathFunction>> = {
  // The quadrant and the angle within it; pi / 2 in three parts keeps the difference exact.
  reduceAngle: {
    uses: ["largeArgument", "opaque"],
    code: `fn reduceAngle(x: f32) -> vec2f {
  let size = abs(x);
  if (size > 65536.0) { return largeArgument(size); }
  let n = round(size * 0.63661977);
  var r = opaque(fma(n, -1.5703125, size));
  r = opaque(fma(n, -4.837512969970703125e-4, r));
  r = fma(n, -7.54978995489188216e-8, r);
  return vec2f(f32(u32(n) & 3u), r);
}`,
  },
  sineCore: {
    code: `fn sineCore(r: f32) -> f32 {
  let z = r * r;
  let q = fma(fma(-1.9515295891e-4, z, 8.3321608736e-3), z, -1.6666654611e-1);
  return fma(q * z, r, r);
}`,
  },
  cosineCore: {
    code: `fn cosineCore(r: f32) -> f32 {
  let z = r * r;
  let q = fma(fma(2.443315711809948e-5, z, -1.388731625493765e-3), z, 4.166664568298827e-2);
  return fma(q * z, z, fma(z, -0.5, 1.0));
}`,
  },
  sine: {
    uses: ["isNan", "isInf", "nan", "reduceAngle", "sineCore", "cosineCore"],
    code: `fn sine(x: f32) -> f32 {
  if (isNan(x) || isInf(x)) { return nan(); }
  let angle = reduceAngle(x);
  let quadrant = u32(angle.x);
  var y = sineCore(angle.y);
  if ((quadrant & 1u) == 1u) { y = cosineCore(angle.y); }
  return select(y, -y, (quadrant >= 2u) != (x < 0.0));
}`,
  },
  cosine: {
    uses: ["isNan", "isInf", "nan", "reduceAngle", "sineCore", "cosineCore"],
    code: `fn cosine(x: f32) -> f32 {
  if (isNan(x) || isInf(x)) { return nan(); }
  let angle = reduceAngle(x);
  let quadrant = u32(angle.x);
  var y = cosineCore(angle.y);
  if ((quadrant & 1u) == 1u) { y = sineCore(angle.y); }
  return select(y, -y, quadrant == 1u || quadrant == 2u);
}`,
  },
  // The angle of (x, y), from the arc tangent of the smaller side over the larger one.
  angleOf: {
    uses: ["isNan", "isInf", "isNegative", "withSign"],
    code: `fn angleOf(y: f32, x: f32) -> f32 {
  if (isNan(x)) { return x; }
  if (isNan(y)) { return y; }
  let steep = abs(y) > abs(x);
  let large = max(abs(x), abs(y));
  var ratio = 0.0;
  if (large > 0.0) {
    if (isInf(x) && isInf(y)) { ratio = 1.0; }
    else if (isInf(large)) { ratio = 0.0; }
    else { ratio = min(abs(x), abs(y)) / large; }
  }
  var angle = 0.0;
  if (ratio > 0.41421356) { ratio = (ratio - 1.0) / (ratio + 1.0); angle = 0.78539816; }
  let z = ratio * ratio;
  var q = fma(8.05374449538e-2, z, -1.38776856032e-1);
  q = fma(q, z, 1.99777106478e-1);
  q = fma(q, z, -3.33329491539e-1);
  angle += fma(q * z, ratio, ratio);
  if (steep) { angle = 1.57079633 - angle; }
  if (isNegative(x)) { angle = 3.14159265 - angle; }
  return withSign(angle, y);
}`,
  },
};
