// How elements lie in GPU memory. WGSL has 32-bit numbers and, on some adapters, 16-bit floats:
// bool and uint8 take 32 bits each there.
import { type DType, makeArray, type TypedArray, UnsupportedError } from "@tead/tensor";

/** The WGSL types that arrays in storage buffers have here. */
export type StorageType = "f32" | "i32" | "u32" | "f16";

export interface Layout {
  readonly type: StorageType;
  readonly byteLength: number;
}

const layouts: Partial<Record<DType, Layout>> = {
  float32: { type: "f32", byteLength: 4 },
  int32: { type: "i32", byteLength: 4 },
  bool: { type: "u32", byteLength: 4 },
  uint8: { type: "u32", byteLength: 4 },
};
const half: Layout = { type: "f16", byteLength: 2 };

const reasons: Partial<Record<DType, string>> = {
  float64: "WGSL has no 64-bit floats",
  int64: "WGSL has no 64-bit integers",
  bfloat16: "WGSL has no bfloat16",
  float16: "this adapter lacks the feature shader-f16",
};
const substitutes: Partial<Record<DType, DType>> = {
  int64: "int32",
  int8: "int32",
  int16: "int32",
};

/** The dtypes that a device can hold. */
export function dtypesOf(hasHalf: boolean): readonly DType[] {
  const all = Object.keys(layouts) as DType[];
  return hasHalf ? [...all, "float16"] : all;
}

/** How elements of `dtype` lie; refuses the dtypes that the device cannot hold. */
export function layoutOf(dtype: DType, hasHalf: boolean): Layout {
  const layout = dtype === "float16" && hasHalf ? half : layouts[dtype];
  if (layout !== undefined) return layout;
  throw new UnsupportedError(
    `webgpu: Cannot hold ${dtype}: expected ${dtypesOf(hasHalf).join(", ")}; ` +
      (reasons[dtype] ?? "narrow integers other than uint8 have no kernels here"),
    { hint: `convert with .to("${substitutes[dtype] ?? "float32"}") before moving to this device` },
  );
}

/** Host elements as the bytes of GPU memory; a last odd 16-bit element is padded. */
export function encode(data: TypedArray, { type, byteLength }: Layout): Uint8Array<ArrayBuffer> {
  if (type === "u32") return new Uint8Array(Uint32Array.from(data as Uint8Array).buffer);
  const source = new Uint8Array(data.buffer, data.byteOffset, data.length * byteLength);
  const result = new Uint8Array(Math.ceil(source.length / 4) * 4);
  result.set(source);
  return result;
}

/** Bytes of GPU memory as an array of host elements. */
export function decode(bytes: ArrayBuffer, dtype: DType, { type }: Layout): TypedArray {
  if (type === "f32") return new Float32Array(bytes);
  if (type === "i32") return new Int32Array(bytes);
  if (type === "f16") return new Uint16Array(bytes);
  const wide = new Uint32Array(bytes);
  const result = makeArray(dtype, wide.length);
  result.set(wide as never);
  return result;
}
