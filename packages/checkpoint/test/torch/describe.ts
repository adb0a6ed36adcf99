// A loaded value in the words of tools/fixtures/checkpoint_torch.py, to be compared with Python's.
import type { Storage, Tensor as TensorType } from "@tead/tensor";
import { Tensor } from "@tead/tensor";
import { bytesOf } from "../../src/bytes/elements.ts";
import { Size, TorchDevice, TorchDType, Tuple } from "../../src/index.ts";
import { dictInfo, parameterKey } from "../../src/torch/values.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

function numberWords(value: number): unknown[] {
  if (Number.isNaN(value)) return ["number", "nan"];
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return ["number", bytes.toString("hex")];
}

/** Describes `root`; of what stands in two places it says so. */
export function describeValue(root: unknown): unknown {
  const ids = new Map<object, number>();
  const storages = new Map<Storage, number>();

  const describe = (value: unknown): unknown => {
    if (value === null) return ["none"];
    if (typeof value === "boolean") return ["bool", value];
    if (typeof value === "number") return numberWords(value);
    if (typeof value === "bigint") return ["bigint", String(value)];
    if (typeof value === "string") return ["str", value];
    if (value instanceof Uint8Array) return ["bytes", base64(value)];
    if (value instanceof TorchDType) return ["dtype", String(value)];
    if (value instanceof TorchDevice) return ["device", String(value)];
    if (value instanceof Size) return ["size", [...value]];
    if (value instanceof Tuple) return ["tuple", Array.from(value, describe)];
    if (value instanceof Set) return ["set", [...value].sort().map(describe)];
    const object = value as object;
    const known = ids.get(object);
    if (known !== undefined) return ["again", known];
    ids.set(object, ids.size);
    if (Array.isArray(value)) return ["list", value.map(describe)];
    if (value instanceof Tensor) return ["tensor", describeTensor(value)];
    return describeDict(object);
  };

  const describeDict = (value: object): unknown => {
    const { kind, attributes, order } = dictInfo(value);
    const keys = order ?? Object.keys(value);
    const record = value as Record<string, unknown>;
    const entries =
      value instanceof Map ? [...value] : keys.map((key) => [key, record[key]] as const);
    const items = entries.map(([key, each]) => [describe(key), describe(each)]);
    const has = Object.keys(attributes).length > 0;
    return ["dict", kind, items, has ? describe({ ...attributes }) : null];
  };

  const describeTensor = (t: TensorType): unknown => {
    const { dtype, shape, strides, requiresGrad } = t;
    const parameter = (t as { [parameterKey]?: boolean })[parameterKey] === true;
    const common = { dtype, shape: [...shape], strides: [...strides], requiresGrad, parameter };
    if (t.device.name === "meta") return { ...common, device: "meta" };
    const storage = storages.get(t.storage) ?? storages.size;
    storages.set(t.storage, storage);
    const bits = base64(bytesOf(t.bitsSync()));
    return { ...common, offset: t.offset, storage, count: t.storage.count, bits };
  };
  return describe(root);
}
