// Tensors from the elements of a file: storages are filled piece by piece, views laid over them.
import {
  type Backend,
  byteLengthOf,
  DeviceError,
  getDefaultDevice,
  inRootContext,
  isFloat,
  meta,
  runtime,
  Storage,
  Tensor,
} from "@tead/tensor";
import { elementsOf } from "../bytes/elements.ts";
import { type Archive, type OpenContext, refuse } from "./archive.ts";
import type { StoredStorage, StoredTensor } from "./stored-tensor.ts";
import { parameterKey } from "./values.ts";

/**
 * Where loaded tensors go: a device for all, or one by the place that a tensor was saved from
 * (`"cpu"`, `"cuda:0"`), as a record or a function. What has none goes to the default device.
 */
export type MapLocation =
  | Backend
  | Readonly<Record<string, Backend>>
  | ((location: string) => Backend | undefined);

const isBackend = (value: unknown): value is Backend =>
  typeof value === "object" && value !== null && "kernels" in value && "allocate" in value;

/** The device for what was saved from `location`. @throws DeviceError if it is none. */
export function deviceFor(op: string, map: MapLocation | undefined, location: string): Backend {
  const found: unknown = typeof map === "function" ? map(location) : deviceIn(map, location);
  const device = found ?? inRootContext(getDefaultDevice);
  if (isBackend(device)) return device;
  const received = typeof device === "string" ? JSON.stringify(device) : `a ${typeof device}`;
  throw new DeviceError(
    `${op}: Option mapLocation is not valid: expected a device, received ${received}`,
    { hint: "a device is a value, such as cpu() of @tead/backend-cpu" },
  );
}

function deviceIn(map: MapLocation | undefined, location: string): unknown {
  if (typeof map !== "object" || map === null || isBackend(map)) return map;
  return Object.hasOwn(map, location) ? (map as Record<string, Backend>)[location] : undefined;
}

/** `count` elements of a storage from `first` on, as a storage of their own on `device`. */
export async function readStorage(
  context: OpenContext,
  { bigEndian, read }: Archive,
  device: Backend,
  stored: StoredStorage,
  [first, count]: readonly [number, number],
): Promise<Storage> {
  const { dtype } = stored;
  const storage = new Storage(device, dtype, count);
  // The meta device has no elements.
  if (device === meta() || count === 0) return storage;
  const width = byteLengthOf(dtype);
  let written = 0;
  await read(stored, first, count, (bytes, at) => {
    if (dtype === "bool") checkBools(context, bytes, at);
    const elements = elementsOf(dtype, bytes, bigEndian);
    device.write(storage.buffer, written, elements);
    written += bytes.length / width;
  });
  return storage;
}

function checkBools(context: OpenContext, bytes: Uint8Array, at: number): void {
  const bad = bytes.findIndex((byte) => byte > 1);
  if (bad >= 0) refuse(context, at + bad, `expected a bool of 0 or 1, received ${bytes[bad]}`);
}

/** The tensor that a file describes, over a storage that holds its elements. */
export function tensorOver(
  stored: StoredTensor,
  storage: Storage,
  offset: number,
  context: OpenContext,
): Tensor {
  const { dtype, shape, strides, requiresGrad, isParameter } = stored;
  if (requiresGrad && !isFloat(dtype))
    refuse(
      context,
      0,
      `expected a float dtype for a tensor that requires a gradient, received ${dtype}`,
    );
  const tensor = new Tensor(storage, { shape, strides, offset }, dtype);
  if (requiresGrad) requireGrad(tensor);
  if (isParameter) Object.defineProperty(tensor, parameterKey, { value: true });
  return tensor;
}

/** Works without @tead/autograd as well: files are read for inference too. */
function requireGrad(tensor: Tensor): void {
  if (runtime.recorder !== undefined) tensor.requiresGrad_();
  else tensor.autograd = { requiresGrad: true, grad: undefined };
}

/** A tensor of the meta device, which has a shape and no elements. */
export function metaTensor(stored: StoredTensor, context: OpenContext): Tensor {
  const storage = new Storage(meta(), stored.dtype, stored.span());
  return tensorOver(stored, storage, 0, context);
}
