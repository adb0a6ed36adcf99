// The functions of a pickle that make tensors: they check what they are given and note where the
// elements lie; nothing is read.
import { byteLengthOf, type DType } from "@tead/tensor";
import { describe } from "./describe.ts";
import type { PickleReader } from "./pickle-reader.ts";
import { PythonDict } from "./python-dict.ts";
import { dtypeOfValue, missingDTypeProblem } from "./storage-types.ts";
import { type StoredStorage, StoredTensor, spanOf } from "./stored-tensor.ts";
import { TorchDType, Tuple } from "./values.ts";

/** A storage as a value of a pickle; before PyTorch 0.4 it may be a part of another. */
export class StorageRef implements StoredStorage {
  readonly key: string;
  readonly dtype: DType;
  readonly location: string;
  readonly count: number;
  /** The storage that it is a part of, and where in it this one begins, in elements. */
  readonly part: { readonly of: StorageRef; readonly start: number } | undefined;

  constructor({ key, dtype, location, count }: StoredStorage, part?: StorageRef["part"]) {
    this.key = key;
    this.dtype = dtype;
    this.location = location;
    this.count = count;
    this.part = part;
  }
}

/** A class of tensors, of which only the name matters. */
export class TensorType {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** The class of tensors of that name; undefined if it is none. */
export function isTensorType(path: string): TensorType | undefined {
  const known = /^torch\.(nn\.parameter\.Parameter|Tensor|(cuda\.)?[A-Z]\w*Tensor)$/.test(path);
  return known ? new TensorType(path) : undefined;
}

/** Sizes whose product is safe, as a tensor's shape is. */
function sizesOf(what: string, value: unknown, reader: PickleReader): number[] {
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!(value instanceof Tuple) || value.length > 64 || !value.every(isSize))
    return reader.fail(`expected ${what} as a tuple of sizes, received ${describe(value)}`);
  return Array.from(value as Tuple<number>);
}

function geometryOf(
  size: unknown,
  stride: unknown,
  reader: PickleReader,
): { shape: number[]; strides: number[] } {
  const shape = sizesOf("a tensor's size", size, reader);
  const strides = sizesOf("a tensor's stride", stride, reader);
  if (shape.length !== strides.length)
    reader.fail(`expected a stride for each of ${shape.length} dims, received ${strides.length}`);
  if (!Number.isSafeInteger(shape.reduce((a, b) => a * b, 1)))
    reader.fail(`expected a tensor of at most 2^53 elements, received size [${shape.join(", ")}]`);
  return { shape, strides };
}

const flag = (value: unknown, reader: PickleReader): boolean =>
  typeof value === "boolean"
    ? value
    : reader.fail(`expected requires_grad as a bool, received ${describe(value)}`);

/** Conjugated and negated views compute as they are read; files have them for complex tensors. */
function checkMetadata(metadata: unknown, reader: PickleReader): void {
  if (metadata === undefined || metadata === null) return;
  if (!(metadata instanceof PythonDict))
    reader.fail(`expected a tensor's metadata as a dict, received ${describe(metadata)}`);
  for (const [key, value] of metadata as PythonDict)
    if (value === true)
      reader.fail(
        `refused a tensor with ${JSON.stringify(key)} set: save tensor.resolve_neg() instead`,
      );
}

/** `_rebuild_tensor`, `_v2` and `_v3`: each adds arguments to the one before. */
export function rebuildTensor(args: readonly unknown[], reader: PickleReader): StoredTensor {
  const [storage, offset, size, stride, requiresGrad = false] = args;
  // v2: hooks, metadata; v3: hooks, dtype, metadata.
  const [dtypeValue, metadata] =
    args[6] instanceof TorchDType ? [args[6], args[7]] : [undefined, args[6]];
  if (!(storage instanceof StorageRef))
    return reader.fail(`expected a tensor's storage, received ${describe(storage)}`);
  const { shape, strides } = geometryOf(size, stride, reader);
  if (!Number.isSafeInteger(offset) || (offset as number) < 0)
    return reader.fail(`expected a tensor's offset in its storage, received ${describe(offset)}`);
  checkMetadata(metadata, reader);
  const typed = dtypeValue === undefined ? storage : typedStorage(storage, dtypeValue, reader);
  const span = spanOf(shape, strides);
  if (span > 0 && (offset as number) + span > typed.count)
    return reader.fail(
      `expected a storage of at least ${(offset as number) + span} elements for size [${shape.join(", ")}], ` +
        `stride [${strides.join(", ")}], offset ${offset}, received ${typed.count}`,
    );
  return new StoredTensor({
    ...{ dtype: typed.dtype, shape, strides, isParameter: false },
    ...{ offset: (offset as number) + (typed.part?.start ?? 0), storage: typed.part?.of ?? typed },
    requiresGrad: flag(requiresGrad, reader),
  });
}

/** Bytes, as the elements that a tensor says they are. */
function typedStorage(storage: StorageRef, value: TorchDType, reader: PickleReader): StorageRef {
  const dtype = dtypeOfValue(value);
  if (dtype === undefined)
    return reader.fail(`refused "${value}": ${missingDTypeProblem(value.name)}`, String(value));
  const { key, location, count } = storage;
  if (storage.dtype === dtype) return storage;
  return new StorageRef({ key, dtype, location, count: Math.floor(count / byteLengthOf(dtype)) });
}

/** `_rebuild_parameter(data, requires_grad, hooks[, state])`. */
export function rebuildParameter(args: readonly unknown[], reader: PickleReader): StoredTensor {
  const [data, requiresGrad] = args;
  if (!(data instanceof StoredTensor))
    return reader.fail(`expected a parameter's tensor, received ${describe(data)}`);
  return new StoredTensor({ ...data, requiresGrad: flag(requiresGrad, reader), isParameter: true });
}

/** `_rebuild_meta_tensor_no_storage(dtype, size, stride, requires_grad)`. */
export function rebuildMeta(args: readonly unknown[], reader: PickleReader): StoredTensor {
  const [value, size, stride, requiresGrad] = args;
  const dtype = value instanceof TorchDType ? dtypeOfValue(value) : undefined;
  if (dtype === undefined)
    return reader.fail(
      value instanceof TorchDType
        ? `refused "${value}": ${missingDTypeProblem(value.name)}`
        : `expected a meta tensor's dtype, received ${describe(value)}`,
      value instanceof TorchDType ? String(value) : undefined,
    );
  return new StoredTensor({
    ...{ dtype, ...geometryOf(size, stride, reader), offset: 0 },
    ...{ requiresGrad: flag(requiresGrad, reader), isParameter: false, storage: undefined },
  });
}

/** `_rebuild_from_type_v2(function, type, args, state)`: a tensor with attributes, which are left. */
export function rebuildFromType(args: readonly unknown[], reader: PickleReader): unknown {
  const [callee, type, rest] = args;
  const call = (callee as { readonly call?: unknown } | null)?.call;
  // Not rebuildFromType: that could go round in a circle.
  const known = [rebuildTensor, rebuildParameter, rebuildMeta].find((each) => each === call);
  if (known === undefined || !(type instanceof TensorType) || !(rest instanceof Tuple))
    return reader.fail("expected a tensor's function, class and arguments, received others");
  const tensor = known(rest, reader);
  const isParameter = type.path === "torch.nn.parameter.Parameter";
  return isParameter ? new StoredTensor({ ...tensor, isParameter }) : tensor;
}
