// Uniform integers: in a range (randint) and over the whole range of a dtype (random_).
import type { DType } from "../dtype.ts";
import type { Generator } from "../generator.ts";

/** Where integers go; float16 and bfloat16 are written to a `Float32Array`, bool to a `Uint8Array`. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array;

// The least and the greatest integer of each dtype up to which all are representable.
const bounds: Record<DType, readonly [low: bigint, high: bigint]> = {
  bool: [0n, 1n],
  uint8: [0n, 255n],
  int8: [-128n, 127n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  float16: [-(2n ** 11n), 2n ** 11n],
  bfloat16: [-(2n ** 8n), 2n ** 8n],
  float32: [-(2n ** 24n), 2n ** 24n],
  float64: [-(2n ** 53n), 2n ** 53n],
};

/**
 * Fills `out` with integers in [low, high), as `torch.randint` and `torch.Tensor.random_(low, high)`
 * do: a draw modulo `high - low`. A draw has 64 bits for a range of 2^32 or more, else 32.
 *
 * @param low - the least value
 * @param high - one more than the greatest; a bigint beyond 2^53
 * @param dtype - the element type; by default the one of `out`
 * @throws RangeError if `low >= high`, a bound is no integer, or the dtype cannot hold all values
 * @see https://pytorch.org/docs/stable/generated/torch.randint.html
 */
export function fillRandint(
  out: NumberArray,
  generator: Generator,
  low: number | bigint,
  high: number | bigint,
  dtype: DType = dtypeOf(out),
): void {
  const [least, greatest] = bounds[dtype];
  if (!isInteger(low) || !isInteger(high) || low >= high) {
    throw new RangeError(
      `randint: Cannot draw from [${low}, ${high}): expected integers with low < high`,
    );
  }
  const base = BigInt(low);
  const range = BigInt(high) - base;
  if (base < least || base + range - 1n > greatest) {
    throw new RangeError(
      `randint: Cannot draw from [${low}, ${high}): expected values that ${dtype} holds, ` +
        `${least} to ${greatest}`,
    );
  }
  if (range >= 2n ** 32n && dtype !== "int32") fillWide(out, generator, range, base);
  else fillNarrow(out, generator, Number(range), base);
}

/**
 * Fills `out` as `torch.Tensor.random_()` does: integers from 0 to the greatest one of an integer
 * dtype, 0 or 1 for bool, and 0 to 2^p for a floating-point dtype with p significand bits.
 *
 * @param dtype - the element type; by default the one of `out`
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.random_.html
 */
export function fillRandom(
  out: NumberArray,
  generator: Generator,
  dtype: DType = dtypeOf(out),
): void {
  const range = bounds[dtype][1] + 1n;
  if (dtype === "int64" || dtype === "float64") fillWide(out, generator, range, 0n);
  else fillNarrow(out, generator, Number(range), 0n);
}

/**
 * A seed in [0, 2^63) for another generator, drawn as PyTorch's samplers and loaders draw theirs:
 * `torch.empty((), dtype=torch.int64).random_()`.
 */
export function drawSeed(generator: Generator): bigint {
  return BigInt.asUintN(63, generator.random64());
}

function fillNarrow(out: NumberArray, generator: Generator, range: number, base: bigint): void {
  if (out instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = BigInt(generator.random() % range) + base;
    return;
  }
  const start = Number(base);
  for (let i = 0; i < out.length; i++) out[i] = (generator.random() % range) + start;
}

function fillWide(out: NumberArray, generator: Generator, range: bigint, base: bigint): void {
  // The whole range of int64 takes the draw's bits as they are.
  const whole = range === 2n ** 64n;
  for (let i = 0; i < out.length; i++) {
    const bits = generator.random64();
    const value = whole ? BigInt.asIntN(64, bits) : (bits % range) + base;
    if (out instanceof BigInt64Array) out[i] = value;
    else out[i] = Number(value);
  }
}

function isInteger(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

function dtypeOf(out: NumberArray): DType {
  if (out instanceof Int32Array) return "int32";
  if (out instanceof BigInt64Array) return "int64";
  if (out instanceof Float32Array) return "float32";
  if (out instanceof Float64Array) return "float64";
  if (out instanceof Int8Array) return "int8";
  return out instanceof Int16Array ? "int16" : "uint8";
}
