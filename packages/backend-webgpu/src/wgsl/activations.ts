// What activations are made of, in WGSL.
import type { MathFunction } from "./math.ts";

export const activations: Readonly<Record<string, MathFunction>> = {
  // By e^-|x|, so that neither side overflows.
  sigmoid: {
    uses: ["exponential"],
    code: `fn sigmoid(x: f32) -> f32 {
  let e = exponential(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}`,
  },
  // ln(1 + e^x)
  softplus: {
    uses: ["exponential", "logarithmOnePlus"],
    code: `fn softplus(x: f32) -> f32 {
  return max(x, 0.0) + logarithmOnePlus(exponential(-abs(x)));
}`,
  },
  // The normal distribution
  normalShare: {
    uses: ["errorFunction"],
    code: "fn normalShare(x: f32) -> f32 { return 0.5 * (1.0 + errorFunction(x * 0.70710678)); }",
  },
  normalDensity: {
    uses: ["exponential"],
    code: "fn normalDensity(x: f32) -> f32 { return exponential(-0.5 * x * x) * 0.39894228; }",
  },
  // Its approximation: tanh(sqrt(2 / pi) (x + 0.044715 x^3))
  geluCurve: {
    uses: ["hyperbolicTangent"],
    code: `fn geluCurve(x: f32) -> f32 {
  return hyperbolicTangent(0.79788456 * x * (1.0 + 0.044715 * x * x));
}`,
  },
  geluSlope: {
    uses: ["geluCurve"],
    code: `fn geluSlope(x: f32) -> f32 {
  let t = geluCurve(x);
  return 0.5 * (1.0 + t + x * (1.0 - t * t) * 0.79788456 * (1.0 + 0.134145 * x * x));
}`,
  },
  siluSlope: {
    uses: ["sigmoid"],
    code: `fn siluSlope(x: f32) -> f32 {
  let s = sigmoid(x);
  return s * (1.0 + x * (1.0 - s));
}`,
  },
  mishSlope: {
    uses: ["hyperbolicTangent", "softplus", "sigmoid"],
    code: `fn mishSlope(x: f32) -> f32 {
  let t = hyperbolicTangent(softplus(x));
  return t + x * sigmoid(x) * (1.0 - t * t);
}`,
  },
  // Within limits; NaN stays.
  limitedTo: {
    uses: ["isNan"],
    code: `fn limitedTo(x: f32, low: f32, high: f32) -> f32 {
  return select(min(max(x, low), high), x, isNan(x));
}`,
  },
  // Comparisons that are false for NaN
  isAbove: {
    uses: ["isNan"],
    code: "fn isAbove(x: f32, limit: f32) -> bool { return x > limit && !isNan(x); }",
  },
  isBelow: {
    uses: ["isNan"],
    code: "fn isBelow(x: f32, limit: f32) -> bool { return x < limit && !isNan(x); }",
  },
  isAtMost: {
    uses: ["isNan"],
    code: "fn isAtMost(x: f32, limit: f32) -> bool { return x <= limit && !isNan(x); }",
  },
  // A loss' logarithm, at least -100
  boundedLog: {
    uses: ["logarithm", "isNan"],
    code: `fn boundedLog(x: f32) -> f32 {
  let y = logarithm(x);
  return select(max(y, -100.0), y, isNan(y));
}`,
  },
  boundedLogOfRest: {
    uses: ["logarithmOnePlus", "isNan"],
    code: `fn boundedLogOfRest(x: f32) -> f32 {
  let y = logarithmOnePlus(-x);
  return select(max(y, -100.0), y, isNan(y));
}`,
  },
  // Half of e^x - e^-x; by e^x - 1 near 0
  hyperbolicSine: {
    uses: ["exponentialMinusOne"],
    code: `fn hyperbolicSine(x: f32) -> f32 {
  if (abs(x) < 1.0) {
    let e = exponentialMinusOne(x);
    return (e + e / (e + 1.0)) / 2.0;
  }
  return (exponential(x) - exponential(-x)) / 2.0;
}`,
  },
};
