// PyTorch's first format, up to 0.1.9: a tar archive of `storages`, `tensors` and `pickle`.
// Read only. Layout: torch.serialization._legacy_load.
import { byteLengthOf } from "@tead/tensor";
import { type Archive, isCount, type OpenContext, readCounted, refuse } from "./archive.ts";
import { describe } from "./describe.ts";
import { PickleStream } from "./pickle-stream.ts";
import { StorageRef } from "./rebuild.ts";
import { StorageType } from "./storage-types.ts";
import { StoredTensor, spanOf } from "./stored-tensor.ts";
import { Tuple } from "./values.ts";

interface Member {
  readonly start: number;
  readonly end: number;
}
/** Storages and tensors by the numbers under which the pickles speak of them. */
type Objects = Map<string, StorageRef | StoredTensor>;

const blockBytes = 512;

/** Whether the first block of a file is a tar header: "ustar" stands at byte 257. */
export function isTar(head: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(head.subarray(257, 262)) === "ustar";
}

/** Opens a tar archive: reads the pickles, no storage. */
export async function openTar(context: OpenContext): Promise<Archive> {
  const members = await listMembers(context);
  const streamOf = (name: string): PickleStream => {
    const member =
      members.get(name) ??
      refuse(context, 0, `expected a file "${name}" in the tar archive, received none`);
    return new PickleStream(context, member.start, member.end);
  };
  const objects: Objects = new Map();
  const offsets = await readStorages(context, streamOf("storages"), objects);
  await readTensors(context, streamOf("tensors"), objects);
  const value = await streamOf("pickle").pickle((id, reader) => {
    const object = objects.get(String(id));
    if (object === undefined || id instanceof Tuple)
      return reader.fail(`refused the persistent id ${describe(id)}: expected a tensor's`);
    return object;
  });
  const read: Archive["read"] = (storage, first, count, take) =>
    readCounted(context, offsets.get(storage.key) as number, storage, [first, count], take);
  return { format: "tar", value, bigEndian: false, read };
}

async function listMembers(context: OpenContext): Promise<Map<string, Member>> {
  const { source } = context;
  const members = new Map<string, Member>();
  for (let at = 0; at + blockBytes <= source.size; ) {
    const block = await source.read(at, blockBytes);
    if (block.every((byte) => byte === 0)) break;
    const field = (start: number, length: number): string =>
      new TextDecoder("latin1")
        .decode(block.subarray(start, start + length))
        .replace(/[\0 ].*$/s, "");
    const size = Number.parseInt(field(124, 12) || "0", 8);
    const start = at + blockBytes;
    if (!isTar(block) || !isCount(size) || start + size > source.size)
      return refuse(context, at, "expected a tar header with a size within the file");
    // Three members are read; a hostile archive has many.
    if (members.size > 1000)
      return refuse(context, at, "expected at most 1000 files in the tar archive");
    members.set(field(0, 100).replace(/^\.\//, ""), { start, end: start + size });
    at = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  return members;
}

/** Counts what a storage or tensor takes in memory, about. */
function spend(context: OpenContext, at: number): void {
  const { budget } = context;
  budget.left -= 512;
  if (budget.left < 0)
    refuse(context, at, `its entries take more memory than ${budget.limit} bytes`);
}

async function countOf(context: OpenContext, stream: PickleStream): Promise<number> {
  const at = stream.position;
  const count = await stream.pickle();
  return isCount(count)
    ? count
    : refuse(context, at, `expected a number of entries, received ${describe(count)}`);
}

/** `storages`: the number of them; for each its key, location and class, then its elements. */
async function readStorages(
  context: OpenContext,
  stream: PickleStream,
  objects: Objects,
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  const count = await countOf(context, stream);
  for (let i = 0; i < count; i++) {
    const at = stream.position;
    spend(context, at);
    const entry = await stream.pickle();
    const [name, location, type] = entry instanceof Tuple ? entry : [];
    if (typeof location !== "string" || !(type instanceof StorageType))
      return refuse(
        context,
        at,
        `expected a storage's key, location and class, received ${describe(entry)}`,
      );
    const elements = Number((await stream.view(8)).getBigInt64(0, true));
    const { dtype } = type;
    const key = String(name);
    if (
      !isCount(elements) ||
      stream.position + elements * byteLengthOf(dtype) > context.source.size
    )
      return refuse(
        context,
        stream.position - 8,
        `expected a storage within the file, received one of ${elements} elements`,
      );
    objects.set(key, new StorageRef({ key, dtype, location, count: elements }));
    offsets.set(key, stream.position);
    stream.position += elements * byteLengthOf(dtype);
  }
  await readViews(context, stream, objects);
  return offsets;
}

/** Parts of storages that are storages of their own: (key, root, start, count). */
async function readViews(
  context: OpenContext,
  stream: PickleStream,
  objects: Objects,
): Promise<void> {
  const at = stream.position;
  const views = await stream.pickle();
  for (const view of Array.isArray(views) ? views : []) {
    const [key, rootKey, start, count] = Array.isArray(view) ? view : [];
    const root = objects.get(String(rootKey));
    if (
      !(root instanceof StorageRef) ||
      !isCount(start) ||
      !isCount(count) ||
      start + count > root.count
    )
      return refuse(context, at, `expected a part of a storage, received ${describe(view)}`);
    objects.set(String(key), new StorageRef({ ...root, count }, { of: root, start }));
  }
}

/** `tensors`: the number of them; for each its key, storage and class, then its geometry. */
async function readTensors(
  context: OpenContext,
  stream: PickleStream,
  objects: Objects,
): Promise<void> {
  const count = await countOf(context, stream);
  for (let i = 0; i < count; i++) {
    const at = stream.position;
    spend(context, at);
    const entry = await stream.pickle();
    const [key, storageKey] = entry instanceof Tuple ? entry : [];
    const storage = objects.get(String(storageKey));
    if (!(storage instanceof StorageRef))
      return refuse(context, at, `expected a tensor's storage, received ${describe(entry)}`);
    // A 32-bit number in 8 bytes.
    const dims = (await stream.view(8)).getInt32(0, true);
    if (dims < 0 || dims > 64)
      return refuse(context, at, `expected at most 64 dims, received ${dims}`);
    const view = await stream.view(8 * (2 * dims + 1));
    const numbers = Array.from({ length: 2 * dims + 1 }, (_, n) =>
      Number(view.getBigInt64(8 * n, true)),
    );
    const [shape, strides] = [numbers.slice(0, dims), numbers.slice(dims, 2 * dims)];
    const offset = numbers[2 * dims] as number;
    const span = numbers.every(isCount) ? spanOf(shape, strides) : Number.POSITIVE_INFINITY;
    if (
      !Number.isSafeInteger(shape.reduce((a, b) => a * b, 1)) ||
      (span > 0 && offset + span > storage.count)
    )
      return refuse(
        context,
        at,
        `expected a tensor within its storage of ${storage.count} elements, received size [${shape.join(", ")}], stride [${strides.join(", ")}], offset ${offset}`,
      );
    objects.set(
      String(key),
      new StoredTensor({
        ...{ dtype: storage.dtype, shape, strides, requiresGrad: false, isParameter: false },
        offset: offset + (storage.part?.start ?? 0),
        storage: storage.part?.of ?? storage,
      }),
    );
  }
}
