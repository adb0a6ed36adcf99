// Functions of floats in WGSL. The built-in ones may be off by 1e-3 (sin), may overflow inside
// (tanh), and compilers may assume that NaN does not occur: these are right on every driver, to a
// few units in the last place. Polynomials as in Cephes' single-precision library.
import { activations } from "./activations.ts";
import { powers } from "./powers.ts";
import { largeArgument, trigonometry } from "./trigonometry.ts";

/** A function's text and the functions that it calls. */
export interface MathFunction {
  readonly uses?: readonly string[];
  readonly code: string;
}

const special: Readonly<Record<string, MathFunction>> = {
  // By bits: a compiler may fold x != x to false.
  isNan: {
    code: `fn isNan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }`,
  },
  isInf: {
    code: `fn isInf(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }`,
  },
  isNegative: { code: `fn isNegative(x: f32) -> bool { return (bitcast<u32>(x) >> 31u) == 1u; }` },
  // Through a variable: WGSL refuses constants that are not finite.
  inf: { code: `fn inf() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }` },
  nan: { code: `fn nan() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }` },
  // The same number, of which the compiler knows nothing: some take (a + b) - a for b, and c x + d x
  // for (c + d) x, which loses what these functions are after.
  opaque: {
    code: "fn opaque(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) | p.zero); }",
  },
  withSign: {
    code: `fn withSign(size: f32, signed: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(size) & 0x7fffffffu) | (bitcast<u32>(signed) & 0x80000000u));
}`,
  },
  // y * 2^n in two steps, so that no power of two overflows.
  scaled: {
    code: `fn scaled(y: f32, n: i32) -> f32 {
  let half = n >> 1u;
  let rest = n - half;
  return y * bitcast<f32>(u32(half + 127) << 23u) * bitcast<f32>(u32(rest + 127) << 23u);
}`,
  },
};

const exponentials: Readonly<Record<string, MathFunction>> = {
  // e^r - 1 for |r| <= ln(2) / 2
  expm1Core: {
    code: `fn expm1Core(r: f32) -> f32 {
  var q = fma(1.9875691500e-4, r, 1.3981999507e-3);
  q = fma(q, r, 8.3334519073e-3);
  q = fma(q, r, 4.1665795894e-2);
  q = fma(q, r, 1.6666665459e-1);
  q = fma(q, r, 5.0000001201e-1);
  return fma(q, r * r, r);
}`,
  },
  // e^x = 2^n e^r with n = round(x / ln 2); ln 2 in two parts keeps r exact.
  exponential: {
    uses: ["isNan", "inf", "scaled", "expm1Core", "opaque"],
    code: `fn exponential(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  if (x > 88.72283) { return inf(); }
  if (x < -103.97208) { return 0.0; }
  let n = round(x * 1.44269504);
  let r = fma(n, 2.12194440e-4, opaque(fma(n, -0.693359375, x)));
  return scaled(1.0 + expm1Core(r), i32(n));
}`,
  },
  exponentialMinusOne: {
    uses: ["exponential"],
    code: `fn exponentialMinusOne(x: f32) -> f32 {
  if (abs(x) < 0.34657359) { return expm1Core(x); }
  return exponential(x) - 1.0;
}`,
  },
  // ln(1 + m) - m for sqrt(1/2) - 1 <= m <= sqrt(2) - 1
  log1pCore: {
    code: `fn log1pCore(m: f32) -> f32 {
  let z = m * m;
  var q = fma(7.0376836292e-2, m, -1.1514610310e-1);
  q = fma(q, m, 1.1676998740e-1);
  q = fma(q, m, -1.2420140846e-1);
  q = fma(q, m, 1.4249322787e-1);
  q = fma(q, m, -1.6668057665e-1);
  q = fma(q, m, 2.0000714765e-1);
  q = fma(q, m, -2.4999993993e-1);
  q = fma(q, m, 3.3333331174e-1);
  return fma(q * m, z, -0.5 * z);
}`,
  },
  // What rounding took from a sum of any two numbers
  lostInSum: {
    uses: ["opaque"],
    code: `fn lostInSum(a: f32, b: f32, rounded: f32) -> f32 {
  let sum = opaque(rounded);
  let other = opaque(sum - a);
  return (a - opaque(sum - other)) + (b - other);
}`,
  },
  // ln x = e ln 2 + ln(1 + m), and what rounding took from it
  logarithmParts: {
    uses: ["log1pCore", "lostInSum"],
    code: `fn logarithmParts(given: f32) -> vec2f {
  var x = given;
  var shift = 0;
  if (x < 1.17549435e-38) { x *= 8388608.0; shift = 23; }
  let bits = bitcast<u32>(x);
  var e = i32(bits >> 23u) - 126 - shift;
  var m = bitcast<f32>((bits & 0x007fffffu) | 0x3f000000u);
  if (m < 0.70710678) { e -= 1; m = m + m - 1.0; } else { m = m - 1.0; }
  let high = f32(e) * 0.693359375;
  let small = fma(f32(e), -2.12194440e-4, log1pCore(m));
  let first = high + m;
  let sum = first + small;
  return vec2f(sum, lostInSum(high, m, first) + lostInSum(first, small, sum));
}`,
  },
  logarithm: {
    uses: ["isNan", "isInf", "inf", "nan", "logarithmParts"],
    code: `fn logarithm(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  if (x == 0.0) { return -inf(); }
  if (x < 0.0) { return nan(); }
  if (isInf(x)) { return x; }
  let parts = logarithmParts(x);
  return parts.x + parts.y;
}`,
  },
  logarithmOnePlus: {
    uses: ["logarithm"],
    code: `fn logarithmOnePlus(x: f32) -> f32 {
  if (x > -0.29289321 && x < 0.41421356) { return x + log1pCore(x); }
  return logarithm(1.0 + x);
}`,
  },
};

const curves: Readonly<Record<string, MathFunction>> = {
  hyperbolicTangent: {
    uses: ["isNan", "exponential", "withSign"],
    code: `fn hyperbolicTangent(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let size = abs(x);
  if (size > 9.1) { return withSign(1.0, x); }
  if (size >= 0.625) { return withSign(1.0 - 2.0 / (exponential(2.0 * size) + 1.0), x); }
  let z = x * x;
  var q = fma(-5.70498872745e-3, z, 2.06390887954e-2);
  q = fma(q, z, -5.37397155531e-2);
  q = fma(q, z, 1.33314422036e-1);
  q = fma(q, z, -3.33332819422e-1);
  return fma(q * z, x, x);
}`,
  },
  // A polynomial in x near 0; 1 - e^(a polynomial in |x|) farther out.
  errorFunction: {
    uses: ["isNan", "exponential", "withSign"],
    code: `fn errorFunction(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let t = abs(x);
  let s = x * x;
  if (t > 4.0) { return withSign(1.0, x); }
  if (t > 0.927734375) {
    var r = fma(-1.72853470e-5, t, 3.83197126e-4);
    let u = fma(-3.88396438e-3, t, 2.42546219e-2);
    r = fma(r, s, u);
    r = fma(r, t, -1.06777877e-1);
    r = fma(r, t, -6.34846687e-1);
    r = fma(r, t, -1.28717512e-1);
    r = fma(r, t, -t);
    return withSign(1.0 - exponential(r), x);
  }
  var r = -5.96761703e-4;
  r = fma(r, s, 4.99119423e-3);
  r = fma(r, s, -2.67681349e-2);
  r = fma(r, s, 1.12819925e-1);
  r = fma(r, s, -3.76125336e-1);
  r = fma(r, s, 1.28379166e-1);
  return fma(r, x, x);
}`,
  },
};

const functions: Readonly<Record<string, MathFunction>> = {
  ...special,
  ...exponentials,
  ...powers,
  ...curves,
  largeArgument,
  ...trigonometry,
  ...activations,
};

/** The text of the functions that `expressions` call, and of those that they call in turn. */
export function mathSource(...expressions: readonly string[]): string {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const known = functions[name];
    if (known === undefined || found.has(name)) return;
    for (const used of known.uses ?? []) visit(used);
    found.add(name);
  };
  for (const expression of expressions)
    for (const [, name] of expression.matchAll(/\b(\w+)\(/g)) visit(name as string);
  return [...found].map((name) => (functions[name] as MathFunction).code).join("\n");
}
