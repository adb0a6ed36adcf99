// PyTorch's format since 1.6: a zip archive of `data.pkl` and one entry a storage. Newer versions
// add `byteorder`, `.format_version`, `.storage_alignment` and `.data/serialization_id`.
import { byteLengthOf } from "@tead/tensor";
import { readInChunks } from "../bytes/source.ts";
import { type Archive, endOfFile, type OpenContext, refuse, Storages } from "./archive.ts";
import { unpickle } from "./unpickle.ts";
import { type ZipEntry, ZipReader } from "./zip-reader.ts";

/** Opens a zip archive: reads the directory and the pickle, no storage. */
export async function openZip(context: OpenContext): Promise<Archive> {
  const { op, source, budget, verify } = context;
  const zip = await ZipReader.open(op, source, budget.limit);
  const prefix = prefixOf(zip.names(), context);
  const entryOf = (name: string): ZipEntry =>
    zip.get(prefix + name) ??
    refuse(context, 0, `expected an entry "${prefix}${name}" in the zip archive, received none`);
  await checkVersion(
    zip,
    zip.get(`${prefix}version`) ?? zip.get(`${prefix}.data/version`),
    context,
  );
  const bigEndian = await isBigEndian(zip, zip.get(`${prefix}byteorder`), context);

  const { bytes, start } = await zip.read(entryOf("data.pkl"), verify);
  const storages = new Storages();
  const { value } = unpickle(
    { op, file: source.name, base: start, budget },
    bytes,
    (id, reader) => {
      const storage = storages.load(id, reader);
      const { key, dtype, count } = storage.part?.of ?? storage;
      const entry = zip.get(`${prefix}data/${key}`);
      if (entry === undefined)
        reader.fail(`expected an entry "${prefix}data/${key}" for a storage, received none`);
      const expected = count * byteLengthOf(dtype);
      if (entry?.size !== expected)
        reader.fail(
          `expected ${expected} bytes in storage "${key}" for ${count} ${dtype}, received ${entry?.size}`,
        );
      return storage;
    },
  );

  const read: Archive["read"] = async (storage, first, count, take) => {
    const entry = entryOf(`data/${storage.key}`);
    const width = byteLengthOf(storage.dtype);
    // The checksum is the whole entry's: a part of one cannot be compared.
    if (count * width === entry.size) return zip.readInChunks(entry, verify, take);
    const at = (await zip.dataOffset(entry)) + first * width;
    const onEnd = (end: number): never => refuse(context, end, endOfFile);
    return readInChunks(source, at, count * width, onEnd, take);
  };
  return { format: "zip", value, bigEndian, read };
}

/** The folder in which everything lies: the archive's name, with a slash. */
function prefixOf(names: readonly string[], context: OpenContext): string {
  const pickle = names.find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickle !== undefined) return pickle.slice(0, -"data.pkl".length);
  const some = names.slice(0, 3).map((name) => JSON.stringify(name));
  return refuse(
    context,
    0,
    `expected an entry "data.pkl" in the zip archive, received ${some.join(", ") || "none"}`,
  );
}

async function checkVersion(
  zip: ZipReader,
  entry: ZipEntry | undefined,
  context: OpenContext,
): Promise<void> {
  if (entry === undefined || entry.size > 16)
    return refuse(
      context,
      entry?.headerOffset ?? 0,
      'expected an entry "version" of a few bytes in the zip archive',
    );
  const { bytes, start } = await zip.read(entry, context.verify);
  const version = Number(new TextDecoder().decode(bytes));
  // The range that PyTorch's own reader takes.
  if (!(version >= 1 && version <= 10))
    refuse(
      context,
      start,
      `expected a file of version 1 to 10, received ${JSON.stringify(new TextDecoder().decode(bytes))}`,
    );
}

/** Files of PyTorch before 2.1 do not say; they are taken as little-endian, as it does. */
async function isBigEndian(
  zip: ZipReader,
  entry: ZipEntry | undefined,
  context: OpenContext,
): Promise<boolean> {
  if (entry === undefined) return false;
  if (entry.size > 16)
    return refuse(context, entry.headerOffset, "expected a byteorder of a few bytes");
  const { bytes, start } = await zip.read(entry, context.verify);
  const order = new TextDecoder().decode(bytes).trim();
  if (order !== "little" && order !== "big")
    refuse(context, start, `expected byteorder little or big, received ${JSON.stringify(order)}`);
  return order === "big";
}
