// Elementwise kernels over contiguous floats. Counts are rounded up to four vectors: scratch memory has room for it.
// `to` may be one of the operands.
import { splat } from "./common";
import { areNear, expCall, expNear4, log4, logarithm4, sigmoidCall, sigmoidNear4, tanh4 } from "./math";
import { acosh4, asinh4, atanh4, erfc4, exp24, hyperbolic4, hypot4, logaddexp4, power4 } from "./power";
import { erf4, expm14, log1p4 } from "./special";
import { atan24, atan4, circular4, COSINE, inverse4, SINE, TANGENT } from "./turns";

const ADD: i32 = 0;
const SUB: i32 = 1;
const MUL: i32 = 2;
const DIV: i32 = 3;
const MAX: i32 = 4;
const MIN: i32 = 5;
const RELU_GRAD: i32 = 6;
const TANH_GRAD: i32 = 7;
const SIGMOID_GRAD: i32 = 8;
const POW: i32 = 9;
const ATAN2: i32 = 10;
// Where neither NaN nor the sign of 0 has to be told apart in b.
const MAX_NUMBER: i32 = 11;
const MIN_NUMBER: i32 = 12;
const HYPOT: i32 = 13;
const COPYSIGN: i32 = 14;
const LOGADDEXP: i32 = 15;

@inline
function apply2(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == MUL) return f32x4.mul(a, b);
  if (op == DIV) return f32x4.div(a, b);
  if (op == MAX) return f32x4.max(a, b);
  if (op == MIN) return f32x4.min(a, b);
  // Gradients: a is the gradient, b the input (relu) or the output.
  if (op == RELU_GRAD) return v128.andnot(a, f32x4.le(b, splat(0)));
  if (op == MAX_NUMBER) return f32x4.pmax(a, b);
  if (op == MIN_NUMBER) return f32x4.pmin(a, b);
  if (op == POW) return power4(a, b);
  if (op == HYPOT) return hypot4(a, b);
  if (op == COPYSIGN) return v128.or(f32x4.abs(a), v128.and(b, f32x4.splat(-0.0)));
  if (op == LOGADDEXP) return logaddexp4(a, b);
  if (op == ATAN2) return atan24(a, b);
  if (op == TANH_GRAD) return f32x4.mul(a, f32x4.sub(splat(1), f32x4.mul(b, b)));
  return f32x4.mul(f32x4.mul(a, f32x4.sub(splat(1), b)), b);
}

// Four vectors a round: these loops wait for nothing but loads and stores.
@inline
function arrays(op: i32, to: usize, a: usize, b: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a + 48 < end; a += 64) {
    const y0 = apply2(op, v128.load(a), v128.load(b));
    const y1 = apply2(op, v128.load(a, 16), v128.load(b, 16));
    const y2 = apply2(op, v128.load(a, 32), v128.load(b, 32));
    const y3 = apply2(op, v128.load(a, 48), v128.load(b, 48));
    v128.store(to, y0);
    v128.store(to, y1, 16);
    v128.store(to, y2, 32);
    v128.store(to, y3, 48);
    b += 64;
    to += 64;
  }
  for (; a < end; a += 16) {
    v128.store(to, apply2(op, v128.load(a), v128.load(b)));
    b += 16;
    to += 16;
  }
}

/** The same for what takes longer than loads and stores. */
@inline
function pairs(op: i32, to: usize, a: usize, b: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16) {
    v128.store(to, apply2(op, v128.load(a), v128.load(b)));
    b += 16;
    to += 16;
  }
}

@inline
function ordered(op: i32, scalarFirst: bool, x: v128, scalar: v128): v128 {
  return scalarFirst ? apply2(op, scalar, x) : apply2(op, x, scalar);
}

@inline
function numbers(op: i32, scalarFirst: bool, to: usize, a: usize, scalar: f32, count: i32): void {
  const b = f32x4.splat(scalar);
  const end = a + ((<usize>count) << 2);
  for (; a + 48 < end; a += 64) {
    const y0 = ordered(op, scalarFirst, v128.load(a), b);
    const y1 = ordered(op, scalarFirst, v128.load(a, 16), b);
    const y2 = ordered(op, scalarFirst, v128.load(a, 32), b);
    const y3 = ordered(op, scalarFirst, v128.load(a, 48), b);
    v128.store(to, y0);
    v128.store(to, y1, 16);
    v128.store(to, y2, 32);
    v128.store(to, y3, 48);
    to += 64;
  }
  for (; a < end; a += 16) {
    v128.store(to, ordered(op, scalarFirst, v128.load(a), b));
    to += 16;
  }
}

@inline
function withScalar(op: i32, to: usize, a: usize, scalar: f32, count: i32): void {
  numbers(op, false, to, a, scalar, count);
}

@inline
function scalarWith(op: i32, to: usize, a: usize, scalar: f32, count: i32): void {
  numbers(op, true, to, a, scalar, count);
}

export function add(to: usize, a: usize, b: usize, count: i32): void { arrays(ADD, to, a, b, count); }
export function sub(to: usize, a: usize, b: usize, count: i32): void { arrays(SUB, to, a, b, count); }
export function mul(to: usize, a: usize, b: usize, count: i32): void { arrays(MUL, to, a, b, count); }
export function div(to: usize, a: usize, b: usize, count: i32): void { arrays(DIV, to, a, b, count); }
export function maximum(to: usize, a: usize, b: usize, count: i32): void { arrays(MAX, to, a, b, count); }
export function minimum(to: usize, a: usize, b: usize, count: i32): void { arrays(MIN, to, a, b, count); }
export function reluGrad(to: usize, a: usize, b: usize, count: i32): void { arrays(RELU_GRAD, to, a, b, count); }
export function tanhGrad(to: usize, a: usize, b: usize, count: i32): void { arrays(TANH_GRAD, to, a, b, count); }
export function pow(to: usize, a: usize, b: usize, count: i32): void { pairs(POW, to, a, b, count); }
export function hypot(to: usize, a: usize, b: usize, count: i32): void { pairs(HYPOT, to, a, b, count); }
export function copysign(to: usize, a: usize, b: usize, count: i32): void { arrays(COPYSIGN, to, a, b, count); }
export function logaddexp(to: usize, a: usize, b: usize, count: i32): void { pairs(LOGADDEXP, to, a, b, count); }
export function atan2(to: usize, a: usize, b: usize, count: i32): void { pairs(ATAN2, to, a, b, count); }
export function sigmoidGrad(to: usize, a: usize, b: usize, count: i32): void {
  arrays(SIGMOID_GRAD, to, a, b, count);
}

export function addScalar(to: usize, a: usize, b: f32, count: i32): void { withScalar(ADD, to, a, b, count); }
export function subScalar(to: usize, a: usize, b: f32, count: i32): void { withScalar(SUB, to, a, b, count); }
export function mulScalar(to: usize, a: usize, b: f32, count: i32): void { withScalar(MUL, to, a, b, count); }
export function divScalar(to: usize, a: usize, b: f32, count: i32): void { withScalar(DIV, to, a, b, count); }
function maximumNumber(to: usize, a: usize, b: f32, count: i32): void { withScalar(MAX_NUMBER, to, a, b, count); }
function minimumNumber(to: usize, a: usize, b: f32, count: i32): void { withScalar(MIN_NUMBER, to, a, b, count); }
function maximumAny(to: usize, a: usize, b: f32, count: i32): void { withScalar(MAX, to, a, b, count); }
function minimumAny(to: usize, a: usize, b: f32, count: i32): void { withScalar(MIN, to, a, b, count); }

// Functions of their own: in one, both loops would hold the code of every operation.
export function maximumScalar(to: usize, a: usize, b: f32, count: i32): void {
  if (b != 0 && b == b) maximumNumber(to, a, b, count);
  else maximumAny(to, a, b, count);
}
export function minimumScalar(to: usize, a: usize, b: f32, count: i32): void {
  if (b != 0 && b == b) minimumNumber(to, a, b, count);
  else minimumAny(to, a, b, count);
}
export function scalarSub(to: usize, a: usize, b: f32, count: i32): void { scalarWith(SUB, to, a, b, count); }
export function scalarDiv(to: usize, a: usize, b: f32, count: i32): void { scalarWith(DIV, to, a, b, count); }

const NEG: i32 = 0;
const ABS: i32 = 1;
const SQRT: i32 = 2;
const RSQRT: i32 = 3;
const RECIPROCAL: i32 = 4;
const RELU: i32 = 5;
const EXP: i32 = 6;
const LOG: i32 = 7;
const TANH: i32 = 8;
const SIGMOID: i32 = 9;
const SQUARE: i32 = 10;
const FLOOR: i32 = 11;
const CEIL: i32 = 12;
const ROUND: i32 = 13;
const TRUNC: i32 = 14;
const SIGN: i32 = 15;
const ERF: i32 = 16;
const EXPM1: i32 = 17;
const LOG1P: i32 = 18;
const LOG2: i32 = 19;
const LOG10: i32 = 20;
const EXP2: i32 = 21;
const SIN: i32 = 22;
const COS: i32 = 23;
const TAN: i32 = 24;
const ASIN: i32 = 25;
const ACOS: i32 = 26;
const ATAN: i32 = 27;
const SINH: i32 = 28;
const COSH: i32 = 29;
const ASINH: i32 = 30;
const ACOSH: i32 = 31;
const ATANH: i32 = 32;
const ERFC: i32 = 33;
const ROOT: i32 = 34;

@inline
function apply1(op: i32, x: v128): v128 {
  if (op == NEG) return f32x4.neg(x);
  if (op == ABS) return f32x4.abs(x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == RSQRT) return f32x4.div(splat(1), f32x4.sqrt(x));
  if (op == RECIPROCAL) return f32x4.div(splat(1), x);
  // Adding 0 turns -0 into 0; NaN stays.
  if (op == RELU) return f32x4.add(f32x4.pmax(x, splat(0)), splat(0));
  if (op == LOG) return log4(x);
  if (op == TANH) return tanh4(x);
  if (op == SQUARE) return f32x4.mul(x, x);
  if (op == FLOOR) return f32x4.floor(x);
  if (op == CEIL) return f32x4.ceil(x);
  if (op == ROUND) return f32x4.nearest(x);
  if (op == TRUNC) return f32x4.trunc(x);
  if (op == SIGN) {
    // NaN has sign 0.
    const above = v128.and(f32x4.gt(x, splat(0)), splat(1));
    return v128.or(above, v128.and(f32x4.lt(x, splat(0)), splat(-1)));
  }
  // x^(1/2) as the power is defined: 0 for -0, Infinity for -Infinity.
  if (op == ROOT) {
    const y = f32x4.add(f32x4.sqrt(x), splat(0));
    return v128.bitselect(splat(Infinity), y, f32x4.eq(x, splat(-Infinity)));
  }
  if (op == ERF) return erf4(x);
  if (op == LOG2) return logarithm4(2, x);
  if (op == LOG10) return logarithm4(10, x);
  if (op == EXP2) return exp24(x);
  if (op == SIN) return circular4(SINE, x);
  if (op == COS) return circular4(COSINE, x);
  if (op == TAN) return circular4(TANGENT, x);
  if (op == ASIN) return inverse4(false, x);
  if (op == ACOS) return inverse4(true, x);
  if (op == ATAN) return atan4(x);
  if (op == SINH) return hyperbolic4(false, x);
  if (op == COSH) return hyperbolic4(true, x);
  if (op == ASINH) return asinh4(x);
  if (op == ACOSH) return acosh4(x);
  if (op == ATANH) return atanh4(x);
  if (op == ERFC) return erfc4(x);
  if (op == EXPM1) return expm14(x);
  return log1p4(x);
}

/** Two vectors at a time share what they load, and hide each other's latency. */
@inline
function each(op: i32, to: usize, a: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 32) {
    const y0 = apply1(op, v128.load(a));
    const y1 = apply1(op, v128.load(a, 16));
    v128.store(to, y0);
    v128.store(to, y1, 16);
    to += 32;
  }
}

/** One vector a round, for long functions. */
@inline
function single(op: i32, to: usize, a: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16) {
    v128.store(to, apply1(op, v128.load(a)));
    to += 16;
  }
}

@inline
function applyNear(op: i32, x: v128): v128 {
  return op == EXP ? expNear4(x) : sigmoidNear4(x);
}

@inline
function applyAny(op: i32, x: v128): v128 {
  return op == EXP ? expCall(x) : sigmoidCall(x);
}

/** EXP and SIGMOID: four vectors whose exponentials are all normal take the short way. */
@inline
function exponentials(op: i32, to: usize, a: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 64) {
    const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
    if (areNear(x0, x1, x2, x3)) {
      const y0 = applyNear(op, x0), y1 = applyNear(op, x1), y2 = applyNear(op, x2), y3 = applyNear(op, x3);
      v128.store(to, y0);
      v128.store(to, y1, 16);
      v128.store(to, y2, 32);
      v128.store(to, y3, 48);
    } else {
      v128.store(to, applyAny(op, x0));
      v128.store(to, applyAny(op, x1), 16);
      v128.store(to, applyAny(op, x2), 32);
      v128.store(to, applyAny(op, x3), 48);
    }
    to += 64;
  }
}

export function neg(to: usize, a: usize, count: i32): void { each(NEG, to, a, count); }
export function abs(to: usize, a: usize, count: i32): void { each(ABS, to, a, count); }
export function sqrt(to: usize, a: usize, count: i32): void { each(SQRT, to, a, count); }
export function rsqrt(to: usize, a: usize, count: i32): void { each(RSQRT, to, a, count); }
export function reciprocal(to: usize, a: usize, count: i32): void { each(RECIPROCAL, to, a, count); }
export function relu(to: usize, a: usize, count: i32): void { each(RELU, to, a, count); }
export function exp(to: usize, a: usize, count: i32): void { exponentials(EXP, to, a, count); }
export function log(to: usize, a: usize, count: i32): void { each(LOG, to, a, count); }
export function tanh(to: usize, a: usize, count: i32): void { each(TANH, to, a, count); }
export function sigmoid(to: usize, a: usize, count: i32): void { exponentials(SIGMOID, to, a, count); }
export function square(to: usize, a: usize, count: i32): void { each(SQUARE, to, a, count); }
export function floor(to: usize, a: usize, count: i32): void { each(FLOOR, to, a, count); }
export function ceil(to: usize, a: usize, count: i32): void { each(CEIL, to, a, count); }
export function round(to: usize, a: usize, count: i32): void { each(ROUND, to, a, count); }
export function trunc(to: usize, a: usize, count: i32): void { each(TRUNC, to, a, count); }
export function sign(to: usize, a: usize, count: i32): void { each(SIGN, to, a, count); }
export function erf(to: usize, a: usize, count: i32): void { single(ERF, to, a, count); }
export function expm1(to: usize, a: usize, count: i32): void { single(EXPM1, to, a, count); }
export function log1p(to: usize, a: usize, count: i32): void { single(LOG1P, to, a, count); }
export function halfPower(to: usize, a: usize, count: i32): void { each(ROOT, to, a, count); }
export function log2(to: usize, a: usize, count: i32): void { single(LOG2, to, a, count); }
export function log10(to: usize, a: usize, count: i32): void { single(LOG10, to, a, count); }
export function exp2(to: usize, a: usize, count: i32): void { single(EXP2, to, a, count); }
export function sin(to: usize, a: usize, count: i32): void { single(SIN, to, a, count); }
export function cos(to: usize, a: usize, count: i32): void { single(COS, to, a, count); }
export function tan(to: usize, a: usize, count: i32): void { single(TAN, to, a, count); }
export function asin(to: usize, a: usize, count: i32): void { single(ASIN, to, a, count); }
export function acos(to: usize, a: usize, count: i32): void { single(ACOS, to, a, count); }
export function atan(to: usize, a: usize, count: i32): void { single(ATAN, to, a, count); }
export function sinh(to: usize, a: usize, count: i32): void { single(SINH, to, a, count); }
export function cosh(to: usize, a: usize, count: i32): void { single(COSH, to, a, count); }
export function asinh(to: usize, a: usize, count: i32): void { single(ASINH, to, a, count); }
export function acosh(to: usize, a: usize, count: i32): void { single(ACOSH, to, a, count); }
export function atanh(to: usize, a: usize, count: i32): void { single(ATANH, to, a, count); }
export function erfc(to: usize, a: usize, count: i32): void { single(ERFC, to, a, count); }
