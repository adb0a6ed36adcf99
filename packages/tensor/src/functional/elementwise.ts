// The elementwise methods as functions.
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { type Free, free } from "./free.ts";

/** The condition's choice of `input` or `other`, elementwise: `condition.where(input, other)`. @category Elementwise */
export function where(condition: Tensor, input: Operand, other: Operand): Tensor {
  return condition.where(input, other);
}

/** `Tensor.neg` as a function. @category Elementwise */
export const neg: Free<"neg"> = /* @__PURE__ */ free("neg");
/** `Tensor.abs` as a function. @category Elementwise */
export const abs: Free<"abs"> = /* @__PURE__ */ free("abs");
/** `Tensor.sign` as a function. @category Elementwise */
export const sign: Free<"sign"> = /* @__PURE__ */ free("sign");
/** `Tensor.exp` as a function. @category Elementwise */
export const exp: Free<"exp"> = /* @__PURE__ */ free("exp");
/** `Tensor.expm1` as a function. @category Elementwise */
export const expm1: Free<"expm1"> = /* @__PURE__ */ free("expm1");
/** `Tensor.exp2` as a function. @category Elementwise */
export const exp2: Free<"exp2"> = /* @__PURE__ */ free("exp2");
/** `Tensor.log` as a function. @category Elementwise */
export const log: Free<"log"> = /* @__PURE__ */ free("log");
/** `Tensor.log1p` as a function. @category Elementwise */
export const log1p: Free<"log1p"> = /* @__PURE__ */ free("log1p");
/** `Tensor.log2` as a function. @category Elementwise */
export const log2: Free<"log2"> = /* @__PURE__ */ free("log2");
/** `Tensor.log10` as a function. @category Elementwise */
export const log10: Free<"log10"> = /* @__PURE__ */ free("log10");
/** `Tensor.sqrt` as a function. @category Elementwise */
export const sqrt: Free<"sqrt"> = /* @__PURE__ */ free("sqrt");
/** `Tensor.rsqrt` as a function. @category Elementwise */
export const rsqrt: Free<"rsqrt"> = /* @__PURE__ */ free("rsqrt");
/** `Tensor.square` as a function. @category Elementwise */
export const square: Free<"square"> = /* @__PURE__ */ free("square");
/** `Tensor.reciprocal` as a function. @category Elementwise */
export const reciprocal: Free<"reciprocal"> = /* @__PURE__ */ free("reciprocal");
/** `Tensor.sin` as a function. @category Elementwise */
export const sin: Free<"sin"> = /* @__PURE__ */ free("sin");
/** `Tensor.cos` as a function. @category Elementwise */
export const cos: Free<"cos"> = /* @__PURE__ */ free("cos");
/** `Tensor.tan` as a function. @category Elementwise */
export const tan: Free<"tan"> = /* @__PURE__ */ free("tan");
/** `Tensor.asin` as a function. @category Elementwise */
export const asin: Free<"asin"> = /* @__PURE__ */ free("asin");
/** `Tensor.acos` as a function. @category Elementwise */
export const acos: Free<"acos"> = /* @__PURE__ */ free("acos");
/** `Tensor.atan` as a function. @category Elementwise */
export const atan: Free<"atan"> = /* @__PURE__ */ free("atan");
/** `Tensor.sinh` as a function. @category Elementwise */
export const sinh: Free<"sinh"> = /* @__PURE__ */ free("sinh");
/** `Tensor.cosh` as a function. @category Elementwise */
export const cosh: Free<"cosh"> = /* @__PURE__ */ free("cosh");
/** `Tensor.tanh` as a function. @category Elementwise */
export const tanh: Free<"tanh"> = /* @__PURE__ */ free("tanh");
/** `Tensor.asinh` as a function. @category Elementwise */
export const asinh: Free<"asinh"> = /* @__PURE__ */ free("asinh");
/** `Tensor.acosh` as a function. @category Elementwise */
export const acosh: Free<"acosh"> = /* @__PURE__ */ free("acosh");
/** `Tensor.atanh` as a function. @category Elementwise */
export const atanh: Free<"atanh"> = /* @__PURE__ */ free("atanh");
/** `Tensor.erf` as a function. @category Elementwise */
export const erf: Free<"erf"> = /* @__PURE__ */ free("erf");
/** `Tensor.erfc` as a function. @category Elementwise */
export const erfc: Free<"erfc"> = /* @__PURE__ */ free("erfc");
/** `Tensor.floor` as a function. @category Elementwise */
export const floor: Free<"floor"> = /* @__PURE__ */ free("floor");
/** `Tensor.ceil` as a function. @category Elementwise */
export const ceil: Free<"ceil"> = /* @__PURE__ */ free("ceil");
/** `Tensor.round` as a function. @category Elementwise */
export const round: Free<"round"> = /* @__PURE__ */ free("round");
/** `Tensor.trunc` as a function. @category Elementwise */
export const trunc: Free<"trunc"> = /* @__PURE__ */ free("trunc");
/** `Tensor.frac` as a function. @category Elementwise */
export const frac: Free<"frac"> = /* @__PURE__ */ free("frac");
/** `Tensor.sigmoid` as a function. @category Elementwise */
export const sigmoid: Free<"sigmoid"> = /* @__PURE__ */ free("sigmoid");
/** `Tensor.relu` as a function. @category Elementwise */
export const relu: Free<"relu"> = /* @__PURE__ */ free("relu");
/** `Tensor.sinc` as a function. @category Elementwise */
export const sinc: Free<"sinc"> = /* @__PURE__ */ free("sinc");
/** `Tensor.logit` as a function. @category Elementwise */
export const logit: Free<"logit"> = /* @__PURE__ */ free("logit");
/** `Tensor.nanToNum` as a function. @category Elementwise */
export const nanToNum: Free<"nanToNum"> = /* @__PURE__ */ free("nanToNum");
/** `Tensor.add` as a function. @category Elementwise */
export const add: Free<"add"> = /* @__PURE__ */ free("add");
/** `Tensor.sub` as a function. @category Elementwise */
export const sub: Free<"sub"> = /* @__PURE__ */ free("sub");
/** `Tensor.mul` as a function. @category Elementwise */
export const mul: Free<"mul"> = /* @__PURE__ */ free("mul");
/** `Tensor.div` as a function. @category Elementwise */
export const div: Free<"div"> = /* @__PURE__ */ free("div");
/** `Tensor.pow` as a function. @category Elementwise */
export const pow: Free<"pow"> = /* @__PURE__ */ free("pow");
/** `Tensor.atan2` as a function. @category Elementwise */
export const atan2: Free<"atan2"> = /* @__PURE__ */ free("atan2");
/** `Tensor.remainder` as a function. @category Elementwise */
export const remainder: Free<"remainder"> = /* @__PURE__ */ free("remainder");
/** `Tensor.fmod` as a function. @category Elementwise */
export const fmod: Free<"fmod"> = /* @__PURE__ */ free("fmod");
/** `Tensor.floorDivide` as a function. @category Elementwise */
export const floorDivide: Free<"floorDivide"> = /* @__PURE__ */ free("floorDivide");
/** `Tensor.bitwiseAnd` as a function. @category Elementwise */
export const bitwiseAnd: Free<"bitwiseAnd"> = /* @__PURE__ */ free("bitwiseAnd");
/** `Tensor.bitwiseOr` as a function. @category Elementwise */
export const bitwiseOr: Free<"bitwiseOr"> = /* @__PURE__ */ free("bitwiseOr");
/** `Tensor.bitwiseXor` as a function. @category Elementwise */
export const bitwiseXor: Free<"bitwiseXor"> = /* @__PURE__ */ free("bitwiseXor");
/** `Tensor.bitwiseNot` as a function. @category Elementwise */
export const bitwiseNot: Free<"bitwiseNot"> = /* @__PURE__ */ free("bitwiseNot");
/** `Tensor.clamp` as a function. @category Elementwise */
export const clamp: Free<"clamp"> = /* @__PURE__ */ free("clamp");
/** `Tensor.clampMin` as a function. @category Elementwise */
export const clampMin: Free<"clampMin"> = /* @__PURE__ */ free("clampMin");
/** `Tensor.clampMax` as a function. @category Elementwise */
export const clampMax: Free<"clampMax"> = /* @__PURE__ */ free("clampMax");
/** `Tensor.lerp` as a function. @category Elementwise */
export const lerp: Free<"lerp"> = /* @__PURE__ */ free("lerp");
/** `Tensor.addcmul` as a function. @category Elementwise */
export const addcmul: Free<"addcmul"> = /* @__PURE__ */ free("addcmul");
/** `Tensor.addcdiv` as a function. @category Elementwise */
export const addcdiv: Free<"addcdiv"> = /* @__PURE__ */ free("addcdiv");
/** `Tensor.hypot` as a function. @category Elementwise */
export const hypot: Free<"hypot"> = /* @__PURE__ */ free("hypot");
/** `Tensor.logaddexp` as a function. @category Elementwise */
export const logaddexp: Free<"logaddexp"> = /* @__PURE__ */ free("logaddexp");
/** `Tensor.logaddexp2` as a function. @category Elementwise */
export const logaddexp2: Free<"logaddexp2"> = /* @__PURE__ */ free("logaddexp2");
/** `Tensor.xlogy` as a function. @category Elementwise */
export const xlogy: Free<"xlogy"> = /* @__PURE__ */ free("xlogy");
/** `Tensor.copysign` as a function. @category Elementwise */
export const copysign: Free<"copysign"> = /* @__PURE__ */ free("copysign");
/** `Tensor.fmax` as a function. @category Elementwise */
export const fmax: Free<"fmax"> = /* @__PURE__ */ free("fmax");
/** `Tensor.fmin` as a function. @category Elementwise */
export const fmin: Free<"fmin"> = /* @__PURE__ */ free("fmin");
/** `Tensor.heaviside` as a function. @category Elementwise */
export const heaviside: Free<"heaviside"> = /* @__PURE__ */ free("heaviside");
/** `Tensor.maximum` as a function. @category Elementwise */
export const maximum: Free<"maximum"> = /* @__PURE__ */ free("maximum");
/** `Tensor.minimum` as a function. @category Elementwise */
export const minimum: Free<"minimum"> = /* @__PURE__ */ free("minimum");
/** `Tensor.eq` as a function. @category Comparison */
export const eq: Free<"eq"> = /* @__PURE__ */ free("eq");
/** `Tensor.ne` as a function. @category Comparison */
export const ne: Free<"ne"> = /* @__PURE__ */ free("ne");
/** `Tensor.lt` as a function. @category Comparison */
export const lt: Free<"lt"> = /* @__PURE__ */ free("lt");
/** `Tensor.le` as a function. @category Comparison */
export const le: Free<"le"> = /* @__PURE__ */ free("le");
/** `Tensor.gt` as a function. @category Comparison */
export const gt: Free<"gt"> = /* @__PURE__ */ free("gt");
/** `Tensor.ge` as a function. @category Comparison */
export const ge: Free<"ge"> = /* @__PURE__ */ free("ge");
/** `Tensor.logicalAnd` as a function. @category Comparison */
export const logicalAnd: Free<"logicalAnd"> = /* @__PURE__ */ free("logicalAnd");
/** `Tensor.logicalOr` as a function. @category Comparison */
export const logicalOr: Free<"logicalOr"> = /* @__PURE__ */ free("logicalOr");
/** `Tensor.logicalXor` as a function. @category Comparison */
export const logicalXor: Free<"logicalXor"> = /* @__PURE__ */ free("logicalXor");
/** `Tensor.logicalNot` as a function. @category Comparison */
export const logicalNot: Free<"logicalNot"> = /* @__PURE__ */ free("logicalNot");
/** `Tensor.isnan` as a function. @category Comparison */
export const isnan: Free<"isnan"> = /* @__PURE__ */ free("isnan");
/** `Tensor.isinf` as a function. @category Comparison */
export const isinf: Free<"isinf"> = /* @__PURE__ */ free("isinf");
/** `Tensor.isfinite` as a function. @category Comparison */
export const isfinite: Free<"isfinite"> = /* @__PURE__ */ free("isfinite");
/** `Tensor.isclose` as a function. @category Comparison */
export const isclose: Free<"isclose"> = /* @__PURE__ */ free("isclose");
/** `Tensor.isin` as a function. @category Comparison */
export const isin: Free<"isin"> = /* @__PURE__ */ free("isin");
/** `Tensor.equal` as a function. @category Comparison */
export const equal: Free<"equal"> = /* @__PURE__ */ free("equal");
/** `Tensor.allclose` as a function. @category Comparison */
export const allclose: Free<"allclose"> = /* @__PURE__ */ free("allclose");
/** `Tensor.signbit` as a function. @category Comparison */
export const signbit: Free<"signbit"> = /* @__PURE__ */ free("signbit");
