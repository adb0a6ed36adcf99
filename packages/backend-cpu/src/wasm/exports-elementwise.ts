// The signatures of the elementwise functions that assembly/index.ts exports. Addresses are bytes; counts are elements.

/** to[i] = a[i] op b[i] for `count` floats, rounded up to whole vectors; `to` may be an operand. */
export type BinaryExport = (to: number, a: number, b: number, count: number) => void;
/** As above with one number as the other operand, or with one operand alone. */
export type ScalarExport = (to: number, a: number, scalar: number, count: number) => void;
export type UnaryExport = (to: number, a: number, count: number) => void;

export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "maximum"
  | "minimum"
  | "reluGrad"
  | "tanhGrad"
  | "sigmoidGrad"
  | "pow"
  | "atan2"
  | "fmod"
  | "remainder"
  | "floorDivide"
  | "hypot"
  | "copysign"
  | "logaddexp";
export type ScalarName =
  | "addScalar"
  | "subScalar"
  | "mulScalar"
  | "divScalar"
  | "maximumScalar"
  | "minimumScalar"
  | "scalarSub"
  | "scalarDiv";
export type UnaryName =
  | "neg"
  | "abs"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "relu"
  | "exp"
  | "log"
  | "tanh"
  | "sigmoid"
  | "square"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "sign"
  | "erf"
  | "expm1"
  | "log1p"
  | "log2"
  | "log10"
  | "exp2"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "erfc"
  | "halfPower";

/** An activation with its options p, q and r, and its gradient: g times the derivative at x. */
export type ActivationExport = (
  to: number,
  x: number,
  count: number,
  p: number,
  q: number,
  r: number,
) => void;
export type ActivationGradExport = (
  to: number,
  grad: number,
  x: number,
  count: number,
  p: number,
  q: number,
  r: number,
) => void;

export type ActivationName =
  | "gelu"
  | "geluTanh"
  | "silu"
  | "mish"
  | "logsigmoid"
  | "softplus"
  | "leakyRelu"
  | "elu"
  | "clamp"
  | "hardswish"
  | "hardsigmoid"
  | "threshold"
  | "hardshrink"
  | "softshrink";
export type ActivationGradName =
  | `${Exclude<ActivationName, "clamp" | "softshrink">}Grad`
  | "hardtanhGrad";

/** to[i] = a[i] op b[i] as bytes 0 and 1; counts are rounded up to 16. */
export type CompareExport = BinaryExport;
export type CompareName = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
/** The same of what elements are true, and of what one element is. */
export type TruthName = "logicalAnd" | "logicalOr" | "logicalXor";
export type PropertyName = "isfinite" | "isinf" | "signbit" | "logicalNot";
/** Bits of bytes; counts are rounded up to 16. */
export type BitsName = "bitsAnd" | "bitsOr" | "bitsXor";

/** to[i] = a[i] op b[i] of integers; other than 0 where a result is out of range or a divisor 0. Counts are rounded up to 16. */
export type IntegerExport = (to: number, a: number, b: number, count: number) => number;
export type IntegerName = `${
  | "add"
  | "sub"
  | "mul"
  | "maximum"
  | "minimum"
  | "bitwiseAnd"
  | "bitwiseOr"
  | "bitwiseXor"
  | "floorDivide"
  | "remainder"
  | "neg"
  | "abs"
  | CompareName}${"I32" | "I64"}`;

/** to[i] = from[i] in another type of element; counts are rounded up to 16. */
export type ConversionExport = UnaryExport;
export type ConversionName =
  | "floatsOfHalves"
  | "halvesOfFloats"
  | "floatsOfBrains"
  | "brainsOfFloats"
  | "floatsOfIntegers"
  | "integersOfFloats"
  | "floatsOfBytes"
  | "bytesOfFloats"
  | "boolsOfFloats"
  | "longsOfIntegers"
  | "integersOfLongs"
  | "floatsOfLongs"
  | "longsOfFloats"
  | "doublesOfFloats"
  | "floatsOfDoubles"
  | "integersOfBytes"
  | "longsOfBytes";

/** All of them, by name. */
export type ElementwiseExports = Record<ConversionName, ConversionExport> &
  Record<BinaryName, BinaryExport> &
  Record<ScalarName, ScalarExport> &
  Record<UnaryName, UnaryExport> &
  Record<ActivationName, ActivationExport> &
  Record<ActivationGradName, ActivationGradExport> &
  Record<CompareName | TruthName | BitsName, CompareExport> &
  Record<PropertyName, UnaryExport> &
  Record<IntegerName, IntegerExport>;
