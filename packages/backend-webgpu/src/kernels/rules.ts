// What each elementwise primitive computes, as WGSL expressions of its operands a, b and c.

export interface Rule {
  /** On floats, which are computed in 32 bits. */
  readonly f32?: string;
  /** On integers, which are computed in 32 bits and wrap when they are stored. */
  readonly i32?: string;
  /** On int32, where a result beyond it is reported. */
  readonly int32?: string;
  /** On bools, as 0 and 1, where it differs from integers. */
  readonly bool?: string;
  /** Whether the expression is a truth value, and the output a bool. */
  readonly result?: "bool";
  /** The op's attributes that the expressions read as `p.name`. */
  readonly attrs?: readonly string[];
  /** Whether the expression for integers reports a division by 0. */
  readonly dividesIntegers?: boolean;
}

const sameForAll = (expression: string): Rule => ({ f32: expression, i32: expression });
const ofFloats = (expression: string): Rule => ({ f32: expression });

type UnaryOp =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sqrt"
  | "sin"
  | "cos"
  | "tanh"
  | "erf"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "isnan"
  | "logicalNot"
  | "bitwiseNot";

/** Elementwise primitives of one operand. */
export const unaryRules: Readonly<Record<UnaryOp, Rule>> = {
  neg: { ...sameForAll("-a"), int32: "-checkedSize(a, i)" },
  abs: { ...sameForAll("abs(a)"), int32: "abs(checkedSize(a, i))" },
  // NaN has sign 0, as in PyTorch.
  sign: {
    f32: "select(select(0.0, -1.0, a < 0.0), 1.0, a > 0.0)",
    i32: "sign(a)",
  },
  exp: ofFloats("exponential(a)"),
  expm1: ofFloats("exponentialMinusOne(a)"),
  log: ofFloats("logarithm(a)"),
  log1p: ofFloats("logarithmOnePlus(a)"),
  sqrt: ofFloats("sqrt(a)"),
  sin: ofFloats("sine(a)"),
  cos: ofFloats("cosine(a)"),
  tanh: ofFloats("hyperbolicTangent(a)"),
  erf: ofFloats("errorFunction(a)"),
  floor: { f32: "floor(a)", i32: "a" },
  ceil: { f32: "ceil(a)", i32: "a" },
  round: { f32: "round(a)", i32: "a" },
  trunc: { f32: "trunc(a)", i32: "a" },
  isnan: { f32: "isNan(a)", i32: "false", result: "bool" },
  logicalNot: { f32: "a == 0.0", i32: "a == 0", result: "bool" },
  bitwiseNot: { i32: "~a", bool: "1 - a" },
};

type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "atan2"
  | "maximum"
  | "minimum"
  | "remainder"
  | "floorDivide"
  | "bitwiseAnd"
  | "bitwiseOr"
  | "bitwiseXor"
  | "where";

/** Elementwise primitives of two operands, and where. */
export const binaryRules: Readonly<Record<BinaryOp, Rule>> = {
  add: { ...sameForAll("a + b"), int32: "checkedSum(a, b, i)", bool: "a | b" },
  sub: { ...sameForAll("a - b"), int32: "checkedDifference(a, b, i)" },
  mul: { ...sameForAll("a * b"), int32: "checkedProduct(a, b, i)" },
  div: ofFloats("a / b"),
  pow: { f32: "power(a, b)", i32: "powerOf(a, b).value", int32: "checkedPower(a, b, i)" },
  atan2: ofFloats("angleOf(a, b)"),
  // NaN wins.
  maximum: { f32: "select(b, a, isNan(a) || a > b)", i32: "max(a, b)" },
  minimum: { f32: "select(b, a, isNan(a) || a < b)", i32: "min(a, b)" },
  remainder: {
    f32: "flooredRemainder(a, b)",
    i32: "integerRemainder(a, b, i)",
    dividesIntegers: true,
  },
  floorDivide: {
    f32: "flooredQuotient(a, b)",
    i32: "integerQuotient(a, b, i)",
    dividesIntegers: true,
  },
  bitwiseAnd: { i32: "a & b" },
  bitwiseOr: { i32: "a | b" },
  bitwiseXor: { i32: "a ^ b" },
  where: sameForAll("select(c, b, a != 0)"),
};

type CompareOp = "eq" | "lt" | "le";

/** Comparisons: NaN compares as false, said by bits because compilers may fold x == x. */
export const compareRules: Readonly<Record<CompareOp, Rule>> = {
  eq: { f32: "a == b && !isNan(a)", i32: "a == b", result: "bool" },
  lt: { f32: "a < b && !isNan(a) && !isNan(b)", i32: "a < b", result: "bool" },
  le: { f32: "a <= b && !isNan(a) && !isNan(b)", i32: "a <= b", result: "bool" },
};
