// A small safetensors reader of the tests' own, so that they do not lean on the one they would test.
import { readFileSync } from "node:fs";
import { type DType, type Tensor, tensor } from "@tead/tensor";

const dtypes: Readonly<Record<string, DType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** Reads a file; the function that it gives makes the tensor of a name on the default device. */
export function readSafetensors(path: string): (name: string) => Tensor {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const entries: Readonly<Record<string, Entry>> = JSON.parse(
    bytes.subarray(8, 8 + headerLength).toString("utf8"),
  );
  return (name) => {
    const entry = entries[name];
    const dtype = entry === undefined ? undefined : dtypes[entry.dtype];
    if (entry === undefined || dtype === undefined || !(dtype in arrays))
      throw new Error(`${path}: Cannot read ${name}: ${entry?.dtype ?? "no such tensor"}`);
    const [start, end] = entry.data_offsets;
    const data = bytes.subarray(8 + headerLength + start, 8 + headerLength + end);
    // A copy of its own, aligned for any array.
    const own = new Uint8Array(data).buffer;
    const array = new arrays[dtype as keyof typeof arrays](own);
    return tensor(array, { dtype, shape: entry.shape });
  };
}
