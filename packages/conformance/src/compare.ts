// When two results agree: to within what the dtype can resolve, NaN with NaN, each infinity with itself.
import { type DType, isFloat, type Tensor, type TypedArray } from "@tead/tensor";

/** |actual - expected| <= rtol * |expected| + atol * the largest |expected| or 1. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

const tolerances: Partial<Record<DType, Tolerance>> = {
  float64: { rtol: 1e-11, atol: 1e-12 },
  float32: { rtol: 1e-5, atol: 1e-6 },
  float16: { rtol: 2e-3, atol: 1e-3 },
  bfloat16: { rtol: 1.6e-2, atol: 8e-3 },
};

/** What a dtype can resolve; integers and bools agree exactly. */
export function toleranceOf(dtype: DType, slack = 1): Tolerance {
  const { rtol, atol } = tolerances[dtype] ?? { rtol: 0, atol: 0 };
  return { rtol: rtol * slack, atol: atol * slack };
}

type Values = ArrayLike<number | bigint>;

/** The first place where two results differ, in words; `undefined` where they agree. */
export function difference(
  actual: Values,
  expected: Values,
  { rtol, atol }: Tolerance,
): string | undefined {
  if (actual.length !== expected.length)
    return `expected ${expected.length} elements, received ${actual.length}`;
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    const size = Math.abs(Number(expected[i]));
    if (size > scale && size !== Number.POSITIVE_INFINITY) scale = size;
  }
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number | bigint, expected[i] as number | bigint];
    if (agree(a, e, rtol, atol * scale)) continue;
    return `element ${i}: expected ${e}, received ${a}`;
  }
  return undefined;
}

function agree(a: number | bigint, e: number | bigint, rtol: number, atol: number): boolean {
  if (typeof a === "bigint" || typeof e === "bigint") return BigInt(a) === BigInt(e);
  if (a === e || (Number.isNaN(a) && Number.isNaN(e))) return true;
  return Number.isFinite(e) && Math.abs(a - e) <= rtol * Math.abs(e) + atol;
}

/** Expected numbers as a dtype holds them at best: float32 results that overflow are infinite. */
export function roundedTo(values: Values, dtype: DType): Values {
  if (!isFloat(dtype) || dtype === "float64") return values;
  return Array.from(values, (x) => (dtype === "float32" ? Math.fround(Number(x)) : Number(x)));
}

/** Throws what differs between a tensor and the values that it should have. */
export async function expectValues(
  what: string,
  actual: Tensor,
  expected: Values,
  slack = 1,
): Promise<void> {
  const data: TypedArray = await actual.data();
  const { dtype } = actual;
  const found = difference(data, roundedTo(expected, dtype), toleranceOf(dtype, slack));
  if (found !== undefined) throw new Error(`${what}: ${found}`);
}

/** Throws where two shapes differ. */
export function expectShape(
  what: string,
  actual: readonly number[],
  expected: readonly number[],
): void {
  if (actual.join() !== expected.join())
    throw new Error(`${what}: expected shape [${expected}], received [${actual}]`);
}
