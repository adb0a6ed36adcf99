// Elements in storage and numbers in registers: how each dtype is read, computed with and written.
import { type DType, isFloat } from "@tead/tensor";
import { layoutOf, type StorageType } from "../gpu/layout.ts";

/** The type that values of a dtype have while a shader computes with them. */
export type NumberType = "f32" | "i32";

export function numberType(dtype: DType): NumberType {
  return isFloat(dtype) ? "f32" : "i32";
}

/** The type that elements of a dtype have in storage. */
export function storageType(dtype: DType): StorageType {
  return layoutOf(dtype, true).type;
}

/** A stored element as a number: the WGSL expression. */
export function loaded(dtype: DType, element: string): string {
  if (dtype === "float16") return `f32(${element})`;
  if (dtype === "bool" || dtype === "uint8") return `i32(${element})`;
  return element;
}

/** A number of the dtype's own number type as a stored element; uint8 wraps. */
export function stored(dtype: DType, value: string): string {
  if (dtype === "float16") return `f16(${value})`;
  if (dtype === "uint8") return `(u32(${value}) & 0xffu)`;
  if (dtype === "bool") return `select(0u, 1u, (${value}) != 0)`;
  return value;
}

/** A truth value as a stored bool. */
export function storedBool(value: string): string {
  return `select(0u, 1u, ${value})`;
}

/** A number of one dtype as a number of another, as C casts: floats lose their fraction. */
export function converted(from: DType, to: DType, value: string): string {
  // Not "!= 0.0", which some drivers call false for NaN.
  if (to === "bool" && isFloat(from)) return `select(1, 0, (${value}) == 0.0)`;
  if (isFloat(from) === isFloat(to)) return value;
  return isFloat(to) ? `f32(${value})` : `i32(${value})`;
}
