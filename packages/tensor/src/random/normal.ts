// Normal and log-normal numbers: PyTorch's two Box-Muller paths, by pairs and by blocks of 16.
import type { Generator } from "../generator.ts";
import {
  type FloatDType,
  floatDTypeOf,
  type RealArray,
  type Round,
  rounderOf,
  roundToBfloat16,
} from "./precision.ts";
import { cosSingle, logSingle, sinSingle } from "./single.ts";
import { fillUniform, uniformDouble } from "./uniform.ts";

const BLOCK = 16;

/**
 * Fills `out` with normal numbers, as `torch.Tensor.normal_` does for a contiguous tensor. From 16
 * elements on, uniforms are drawn in the dtype and turned into normals in blocks of 16; fewer
 * elements are drawn one by one in double precision, which leaves a spare sample in the generator
 * for the next such call.
 *
 * The draws and the arithmetic are those of PyTorch without vector instructions
 * (`ATEN_CPU_CAPABILITY=default`). float16 and bfloat16 are written to a `Float32Array` as values
 * that these types hold exactly.
 *
 * @param dtype - the element type; by default the one of `out`
 * @throws RangeError if `std` is negative or NaN
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
 */
export function fillNormal(
  out: RealArray,
  generator: Generator,
  mean = 0,
  std = 1,
  dtype: FloatDType = floatDTypeOf(out),
): void {
  if (out.length < BLOCK) {
    fillNormalOneByOne(out, generator, mean, std, dtype);
    return;
  }
  checkStd("normal", std, std >= 0);
  fillUniform(out, generator, 0, 1, dtype);
  const steps = stepsOf(dtype, mean, std);
  const end = out.length - BLOCK;
  for (let start = 0; start <= end; start += BLOCK) transformBlock(out, start, steps);
  if (out.length % BLOCK !== 0) {
    // The rest does not fill a block: the last 16 elements are drawn anew.
    const last = out.subarray(end);
    fillUniform(last, generator, 0, 1, dtype);
    transformBlock(last, 0, steps);
  }
}

/**
 * The same distribution by the path that PyTorch takes for fewer than 16 elements, and for a tensor
 * of any size that is not contiguous.
 *
 * @throws RangeError if `std` is negative or NaN
 */
export function fillNormalOneByOne(
  out: RealArray,
  generator: Generator,
  mean = 0,
  std = 1,
  dtype: FloatDType = floatDTypeOf(out),
): void {
  checkStd("normal", std, std >= 0);
  const round = rounderOf(dtype);
  for (let i = 0; i < out.length; i++) out[i] = round(normalDouble(generator) * std + mean);
}

/**
 * Fills `out` with exp(x), x normal with `mean` and `std`, as `torch.Tensor.log_normal_` does.
 *
 * @throws RangeError if `std` is not above 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.log_normal_.html
 */
export function fillLogNormal(
  out: RealArray,
  generator: Generator,
  mean = 1,
  std = 2,
  dtype: FloatDType = floatDTypeOf(out),
): void {
  checkStd("logNormal", std, std > 0);
  const round = rounderOf(dtype);
  for (let i = 0; i < out.length; i++)
    out[i] = round(Math.exp(normalDouble(generator) * std + mean));
}

// r = sqrt(-2 log(1 - u2)), (r cos(2 pi u1), r sin(2 pi u1)): two samples, one kept for the next call.
function normalDouble(generator: Generator): number {
  const spare = generator.nextDoubleNormalSample;
  if (spare !== undefined) {
    generator.nextDoubleNormalSample = undefined;
    return spare;
  }
  const u1 = uniformDouble(generator);
  const u2 = uniformDouble(generator);
  const radius = Math.sqrt(-2 * Math.log1p(-u2));
  const theta = 2 * Math.PI * u1;
  generator.nextDoubleNormalSample = radius * Math.sin(theta);
  return radius * Math.cos(theta);
}

interface Steps {
  /** Rounds what is stored in the element type. */
  readonly narrow: Round;
  /** Rounds each intermediate result; C++ widens float16 to float32 there, bfloat16 stays. */
  readonly wide: Round;
  readonly mean: number;
  readonly std: number;
  readonly log: Round;
  readonly cos: Round;
  readonly sin: Round;
}

function stepsOf(dtype: FloatDType, mean: number, std: number): Steps {
  const narrow = rounderOf(dtype);
  const common = { narrow, mean: narrow(mean), std: narrow(std) };
  if (dtype === "float64") {
    return { ...common, wide: narrow, log: Math.log, cos: Math.cos, sin: Math.sin };
  }
  const wide = dtype === "bfloat16" ? roundToBfloat16 : Math.fround;
  return { ...common, wide, log: logSingle, cos: cosSingle, sin: sinSingle };
}

// u1 = 1 - out[j], u2 = out[j + 8], r = sqrt(-2 log u1):
// out[j] = r cos(2 pi u2) std + mean, out[j + 8] = r sin(2 pi u2) std + mean
function transformBlock(out: RealArray, start: number, steps: Steps): void {
  const { narrow, wide, mean, std, log, cos, sin } = steps;
  if (narrow === Math.fround) {
    transformSingles(out as Float32Array, start, mean, std);
    return;
  }
  for (let j = start; j < start + BLOCK / 2; j++) {
    const u1 = narrow(1 - out[j]!);
    const radius = narrow(wide(Math.sqrt(wide(-2 * wide(log(u1))))));
    const theta = narrow(2 * Math.PI * out[j + 8]!);
    out[j] = narrow(wide(wide(radius * wide(cos(theta))) * std) + mean);
    out[j + 8] = narrow(wide(wide(radius * wide(sin(theta))) * std) + mean);
  }
}

// The same for float32, written out: every step rounds to float32.
function transformSingles(out: Float32Array, start: number, mean: number, std: number): void {
  const { fround } = Math;
  for (let j = start; j < start + BLOCK / 2; j++) {
    const radius = fround(Math.sqrt(fround(-2 * logSingle(fround(1 - out[j]!)))));
    const theta = fround(2 * Math.PI * out[j + 8]!);
    out[j] = fround(fround(radius * cosSingle(theta)) * std) + mean;
    out[j + 8] = fround(fround(radius * sinSingle(theta)) * std) + mean;
  }
}

function checkStd(op: string, std: number, valid: boolean): void {
  if (valid) return;
  const bound = op === "normal" ? ">= 0" : "> 0";
  throw new RangeError(`${op}: Cannot draw: expected std ${bound}, received ${std}`);
}
