// PyTorch's format from 0.1.10 to 1.5: pickles one after another, then the storages' elements.
// Read only.
import { byteLengthOf } from "@tead/tensor";
import { type Archive, type OpenContext, readCounted, refuse, Storages } from "./archive.ts";
import { describe } from "./describe.ts";
import { PickleStream } from "./pickle-stream.ts";

/** The first pickle of such a file: the integer 0x1950a86a20f9469cfc6c. */
export const legacyMagic = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/** Opens a file of that format: reads the pickles, no storage. */
export async function openLegacy(context: OpenContext): Promise<Archive> {
  const { source } = context;
  const stream = new PickleStream(context, 0, source.size);
  if ((await stream.pickle()) !== legacyMagic)
    refuse(context, 0, "expected PyTorch's magic number");
  const versionAt = stream.position;
  const version = await stream.pickle();
  if (version !== protocolVersion)
    refuse(
      context,
      versionAt,
      `expected format version ${protocolVersion}, received ${describe(version)} ${String(version)}`,
    );
  // Says the writer's byte order; elements are little-endian whatever it says.
  await stream.pickle();
  const storages = new Storages();
  const value = await stream.pickle((id, reader) => storages.load(id, reader));
  const keysAt = stream.position;
  const keys = await stream.pickle();
  const fail = (problem: string): never => refuse(context, keysAt, problem);
  const offsets = placeStorages(keys, storages, stream.position, fail);
  if (offsets.end > source.size)
    refuse(
      context,
      source.size,
      `expected a file of ${offsets.end} bytes, received ${source.size}`,
    );
  const read: Archive["read"] = (storage, first, count, take) =>
    readCounted(context, offsets.starts.get(storage.key) as number, storage, [first, count], take);
  return { format: "legacy", value, bigEndian: false, read };
}

/** Where each storage's elements begin, and where the last end. */
function placeStorages(
  keys: unknown,
  { byKey }: Storages,
  start: number,
  fail: (problem: string) => never,
): { starts: ReadonlyMap<string, number>; end: number } {
  const starts = new Map<string, number>();
  let end = start;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = byKey.get(String(key));
    if (storage === undefined || starts.has(storage.key))
      return fail(`expected storages that the pickle names, each once, received ${describe(key)}`);
    // 8 bytes of length stand before the elements.
    starts.set(storage.key, end + 8);
    end += 8 + storage.count * byteLengthOf(storage.dtype);
  }
  if (starts.size !== byKey.size)
    fail(`expected ${byKey.size} storages after the pickle, received ${starts.size}`);
  return { starts, end };
}
