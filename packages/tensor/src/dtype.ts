// Element types: names, storage arrays, categories and PyTorch's promotion table.
// Imports nothing: everything else in the package may import it.

/** The element types, under PyTorch's names. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "bool";

/** The arrays that hold elements; float16 and bfloat16 are 16-bit patterns in a `Uint16Array`. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint16Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array;

/** What promotion goes by, lowest first. */
export type Category = "bool" | "integer" | "float";

interface DTypeInfo {
  readonly byteLength: number;
  readonly category: Category;
  readonly array: new (count: number) => TypedArray;
}

const infos: Readonly<Record<DType, DTypeInfo>> = {
  float32: { byteLength: 4, category: "float", array: Float32Array },
  float64: { byteLength: 8, category: "float", array: Float64Array },
  float16: { byteLength: 2, category: "float", array: Uint16Array },
  bfloat16: { byteLength: 2, category: "float", array: Uint16Array },
  int8: { byteLength: 1, category: "integer", array: Int8Array },
  int16: { byteLength: 2, category: "integer", array: Int16Array },
  int32: { byteLength: 4, category: "integer", array: Int32Array },
  int64: { byteLength: 8, category: "integer", array: BigInt64Array },
  uint8: { byteLength: 1, category: "integer", array: Uint8Array },
  bool: { byteLength: 1, category: "bool", array: Uint8Array },
};

/** Every dtype, in the order of the table above. */
export const dtypes: readonly DType[] = Object.keys(infos) as DType[];

/** The bytes of one element. */
export function byteLengthOf(dtype: DType): number {
  return infos[dtype].byteLength;
}

/** The category that promotion goes by. */
export function categoryOf(dtype: DType): Category {
  return infos[dtype].category;
}

/** Whether a dtype is a floating point one, half precisions included. */
export function isFloat(dtype: DType): boolean {
  // Asked several times an op: a comparison is faster than the table.
  return dtype === "float32" || dtype === "float64" || isHalf(dtype);
}

/** Whether the dtype is kept as 16-bit floating-point patterns. */
export function isHalf(dtype: DType): boolean {
  return dtype === "float16" || dtype === "bfloat16";
}

/** A zeroed array that holds `count` elements of `dtype`. */
export function makeArray(dtype: DType, count: number): TypedArray {
  return new infos[dtype].array(count);
}

const floatRank: Partial<Record<DType, number>> = { float32: 2, float64: 3 };
const signedRank: readonly DType[] = ["int8", "int16", "int32", "int64"];

/** The dtype that holds the values of both: PyTorch's `torch.promote_types`. */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const categoryA = categoryOf(a);
  const categoryB = categoryOf(b);
  if (categoryA !== categoryB) {
    if (categoryA === "float") return a;
    if (categoryB === "float") return b;
    return categoryA === "integer" ? a : b;
  }
  if (categoryA === "float") {
    // float16 with bfloat16 needs the range of one and the precision of the other.
    if (isHalf(a) && isHalf(b)) return "float32";
    return (floatRank[a] ?? 1) >= (floatRank[b] ?? 1) ? a : b;
  }
  if (a === "uint8" || b === "uint8") {
    const signed = a === "uint8" ? b : a;
    return signed === "int8" ? "int16" : signed;
  }
  return signedRank.indexOf(a) >= signedRank.indexOf(b) ? a : b;
}

/** What promotion sees of an operand; `weak` marks a number given in place of a tensor. */
export interface PromotionOperand {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly weak?: boolean;
}

const categoryRank: Readonly<Record<Category, number>> = { bool: 0, integer: 1, float: 2 };

/**
 * The dtype of a computation over these operands: PyTorch's `torch.result_type`. Tensors with
 * dimensions decide; 0-d tensors, then numbers, matter only when their category is higher.
 */
export function resultType(operands: readonly PromotionOperand[]): DType {
  let dims: DType | undefined;
  let zero: DType | undefined;
  let weak: DType | undefined;
  for (const operand of operands) {
    const { dtype } = operand;
    if (operand.weak) weak = weak === undefined ? dtype : promoteTypes(weak, dtype);
    else if (operand.shape.length === 0)
      zero = zero === undefined ? dtype : promoteTypes(zero, dtype);
    else dims = dims === undefined ? dtype : promoteTypes(dims, dtype);
  }
  return combine(combine(dims, zero), weak) ?? "float32";
}

function combine(strong: DType | undefined, weaker: DType | undefined): DType | undefined {
  if (strong === undefined || weaker === undefined) return strong ?? weaker;
  const higher = categoryRank[categoryOf(weaker)] > categoryRank[categoryOf(strong)];
  return higher ? promoteTypes(strong, weaker) : strong;
}

/** Whether a result of dtype `from` may be written into a tensor of dtype `to` (in-place ops). */
export function canCast(from: DType, to: DType): boolean {
  return categoryRank[categoryOf(from)] <= categoryRank[categoryOf(to)];
}

/** The dtype of a number that stands in place of a tensor. */
export function dtypeOfNumber(value: number | boolean): DType {
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int32" : "float32";
}

const integerRanges: Partial<Record<DType, readonly [low: number, high: number]>> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  uint8: [0, 255],
};

/** The least and the greatest value of a dtype of at most 32 bits; `undefined` for all others. */
export function integerRange(dtype: DType): readonly [low: number, high: number] | undefined {
  return integerRanges[dtype];
}
