// PyTorch's storage classes and dtypes by name, and the dtypes here that they are.
import { type DType, dtypes } from "@tead/tensor";
import { TorchDType } from "./values.ts";

/** A storage class of a file: `torch.FloatStorage`. */
export class StorageType {
  readonly dtype: DType;
  constructor(dtype: DType) {
    this.dtype = dtype;
  }
}

const classes: readonly (readonly [DType, string])[] = [
  ["float32", "FloatStorage"],
  ["float64", "DoubleStorage"],
  ["float16", "HalfStorage"],
  ["bfloat16", "BFloat16Storage"],
  ["int8", "CharStorage"],
  ["int16", "ShortStorage"],
  ["int32", "IntStorage"],
  ["int64", "LongStorage"],
  ["uint8", "ByteStorage"],
  ["bool", "BoolStorage"],
];
const classOf = new Map<DType, string>(classes);
const dtypeOf = new Map<string, DType>(classes.map(([dtype, name]) => [name, dtype]));
/** Bytes whose dtype the tensors say. */
const untyped = new Set(["torch.storage.UntypedStorage", "torch.storage._UntypedStorage"]);

/** What has a storage class in PyTorch and no dtype here. */
const missing = new Map([
  ["ComplexFloatStorage", "complex64"],
  ["ComplexDoubleStorage", "complex128"],
  ["QInt8Storage", "qint8"],
  ["QUInt8Storage", "quint8"],
  ["QInt32Storage", "qint32"],
  ["QUInt4x2Storage", "quint4x2"],
  ["QUInt2x4Storage", "quint2x4"],
]);

/** `"FloatStorage"` for float32. */
export const storageClass = (dtype: DType): string => classOf.get(dtype) as string;

/** The storage class of that full name; undefined if there is none. */
export function storageTypeNamed(path: string): StorageType | undefined {
  if (untyped.has(path) || path === "torch.UntypedStorage") return new StorageType("uint8");
  // A tensor that was saved on a GPU by an old PyTorch says torch.cuda.FloatStorage.
  const dtype = dtypeOf.get(/^torch\.(?:cuda\.)?(\w+)$/.exec(path)?.[1] ?? "");
  return dtype && new StorageType(dtype);
}

/** PyTorch's dtype of a storage class for which there is none here. */
export const missingDType = (path: string): string | undefined =>
  missing.get(/^torch\.(?:cuda\.)?(\w+)$/.exec(path)?.[1] ?? "");

/** PyTorch's dtypes that are none of ours: they may stand in a file as values. */
const others = [
  ...["complex32", "complex64", "complex128", "uint16", "uint32", "uint64"],
  ...["qint8", "quint8", "qint32", "quint4x2", "quint2x4"],
  ...["bits1x8", "bits2x4", "bits4x2", "bits8", "bits16"],
  ...["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"],
  ...["float4_e2m1fn_x2", "int1", "int2", "int3", "int4", "int5", "int6", "int7"],
  ...["uint1", "uint2", "uint3", "uint4", "uint5", "uint6", "uint7"],
];
const values = new Map([...dtypes, ...others].map((name) => [`torch.${name}`, name]));

/** The dtype of that full name as a value; undefined if there is none. */
export function torchDTypeNamed(path: string): TorchDType | undefined {
  const name = values.get(path);
  return name === undefined ? undefined : new TorchDType(name);
}

/** What is wrong with a tensor of a dtype that is none of ours, and what to do about it. */
export function missingDTypeProblem(name: string): string {
  const hints: readonly (readonly [RegExp, string])[] = [
    [/^u?int([1-7]|16)$/, "save tensor.to(torch.int32) in Python instead"],
    [/^uint(32|64)$/, "save tensor.to(torch.int64) in Python instead"],
    [/^float/, "save tensor.to(torch.float32) in Python instead"],
    [/^complex/, "save torch.view_as_real(tensor) in Python instead"],
    [/^qu?int/, "it holds a quantized tensor; save tensor.dequantize() instead"],
  ];
  const hint = hints.find(([pattern]) => pattern.test(name))?.[1];
  return `there is no dtype like ${name} here${hint === undefined ? "" : `\nHint: ${hint}`}`;
}

/** The dtype here that a `torch.dtype` is; undefined if there is none. */
export const dtypeOfValue = ({ name }: TorchDType): DType | undefined =>
  dtypes.find((dtype) => dtype === name);
