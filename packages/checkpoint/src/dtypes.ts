// The names that safetensors has for our dtypes, and the order in which it stores them.
import type { DType } from "@tead/tensor";

/** From the widest alignment to the narrowest, as the reference implementation sorts tensors. */
const stored: readonly (readonly [DType, string])[] = [
  ["int64", "I64"],
  ["float64", "F64"],
  ["float32", "F32"],
  ["int32", "I32"],
  ["bfloat16", "BF16"],
  ["float16", "F16"],
  ["int16", "I16"],
  ["int8", "I8"],
  ["uint8", "U8"],
  ["bool", "BOOL"],
];

const names = new Map<DType, string>(stored);
const ranks = new Map<DType, number>(stored.map(([dtype], rank) => [dtype, rank]));
const dtypes = new Map<string, DType>(stored.map(([dtype, name]) => [name, dtype]));

/** `"F32"` for float32. */
export const storedName = (dtype: DType): string => names.get(dtype)!;

/** The place of a dtype in a file: lower comes first. */
export const storedRank = (dtype: DType): number => ranks.get(dtype)!;

/** float32 for `"F32"`; undefined for names that are unknown or have no dtype here. */
export const dtypeNamed = (name: string): DType | undefined => dtypes.get(name);

/** All names, for messages. */
export const storedNames: string = stored.map(([, name]) => name).join(", ");
