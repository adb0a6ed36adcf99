// Powers, and quotients that are exact where floats allow it, in WGSL.
import type { MathFunction } from "./math.ts";

export const powers: Readonly<Record<string, MathFunction>> = {
  // What rounding took from a product: by halves of the numbers, as fma may round in between.
  lostInProduct: {
    code: `fn lostInProduct(a: f32, b: f32, product: f32) -> f32 {
  let highA = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let highB = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let lowA = a - highA;
  let lowB = b - highB;
  return ((highA * highB - product) + highA * lowB + lowA * highB) + lowA * lowB;
}`,
  },
  // Small whole exponents by squaring; others as e^(b ln |a|), with the product's rounding errors.
  power: {
    uses: [
      "isNan",
      "isInf",
      "inf",
      "nan",
      "isNegative",
      "exponential",
      "logarithmParts",
      "lostInProduct",
    ],
    code: `fn power(a: f32, b: f32) -> f32 {
  if (b == 0.0 || a == 1.0) { return 1.0; }
  if (isNan(a)) { return a; }
  if (isNan(b)) { return b; }
  let whole = !isInf(b) && floor(b) == b;
  let odd = whole && abs(b) < 16777216.0 && (i32(b) & 1) == 1;
  let size = abs(a);
  if (isInf(b)) {
    if (size == 1.0) { return 1.0; }
    if ((size > 1.0) == (b > 0.0)) { return inf(); }
    return 0.0;
  }
  if (size == 0.0 || isInf(a)) {
    var edge = 0.0;
    if ((size == 0.0) == (b < 0.0)) { edge = inf(); }
    if (odd && isNegative(a)) { return -edge; }
    return edge;
  }
  if (a < 0.0 && !whole) { return nan(); }
  if (whole && abs(b) <= 32.0) {
    var result = 1.0;
    var base = a;
    var rest = u32(abs(b));
    loop {
      if ((rest & 1u) == 1u) { result *= base; }
      rest >>= 1u;
      if (rest == 0u) { break; }
      base *= base;
    }
    if (b < 0.0) { return 1.0 / result; }
    return result;
  }
  let parts = logarithmParts(size);
  let product = b * parts.x;
  let rounding = lostInProduct(b, parts.x, product) + b * parts.y;
  var y = exponential(product);
  if (!isInf(y)) { y = fma(y, rounding, y); }
  if (odd && a < 0.0) { return -y; }
  return y;
}`,
  },
  // a modulo b of a's sign, exactly: b scaled by powers of two is subtracted while it fits.
  exactRemainder: {
    uses: ["isNan", "isInf", "nan", "withSign"],
    code: `fn exactRemainder(a: f32, b: f32) -> f32 {
  let size = abs(b);
  if (isNan(a) || isNan(b) || isInf(a) || size == 0.0) { return nan(); }
  if (isInf(b)) { return a; }
  var rest = abs(a);
  loop {
    if (rest < size) { break; }
    let steps = i32(bitcast<u32>(rest) >> 23u) - i32(bitcast<u32>(size) >> 23u);
    // 2^steps as two factors: neither overflows.
    let half = steps >> 1u;
    let low = bitcast<f32>(u32(half + 127) << 23u);
    let high = bitcast<f32>(u32(steps - half + 127) << 23u);
    var part = size * low * high;
    if (part > rest) { part *= 0.5; }
    rest -= part;
  }
  return withSign(rest, a);
}`,
  },
  flooredRemainder: {
    uses: ["exactRemainder"],
    code: `fn flooredRemainder(a: f32, b: f32) -> f32 {
  let r = exactRemainder(a, b);
  if (r != 0.0 && ((r < 0.0) != (b < 0.0))) { return r + b; }
  return r;
}`,
  },
  // floor(a / b) as Python defines it: from the exact remainder.
  flooredQuotient: {
    uses: ["exactRemainder"],
    code: `fn flooredQuotient(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return a / b; }
  let r = exactRemainder(a, b);
  var quotient = (a - r) / b;
  if (r != 0.0 && ((b < 0.0) != (r < 0.0))) { quotient -= 1.0; }
  if (quotient == 0.0) { return withSign(0.0, a / b); }
  let whole = floor(quotient);
  if (quotient - whole > 0.5) { return whole + 1.0; }
  return whole;
}`,
  },
};
