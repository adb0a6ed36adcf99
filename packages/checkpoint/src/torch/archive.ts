// What every format of PyTorch's comes down to: one value of a pickle, and storages by key.
import { byteLengthOf } from "@tead/tensor";
import { type ByteSource, readExactly, readInChunks } from "../bytes/source.ts";
import { TorchFileError } from "../errors.ts";
import { describe } from "./describe.ts";
import type { Budget, PickleReader } from "./pickle-reader.ts";
import { StorageRef } from "./rebuild.ts";
import { StorageType } from "./storage-types.ts";
import type { StoredStorage } from "./stored-tensor.ts";
import { Tuple } from "./values.ts";

/** Takes bytes of a storage and where in the file they stand. */
export type TakeBytes = (bytes: Uint8Array, at: number) => void;

/** An opened file: its values made, its storages still where they are. */
export interface Archive {
  readonly format: "zip" | "legacy" | "tar";
  /** The value, with Python's containers. */
  readonly value: unknown;
  /** Whether the elements' bytes stand the wrong way round. */
  readonly bigEndian: boolean;
  /** `count` elements of a storage from `first` on, in pieces. */
  read(storage: StoredStorage, first: number, count: number, take: TakeBytes): Promise<void>;
}

/** What an opener of a format is given. */
export interface OpenContext {
  readonly op: string;
  readonly source: ByteSource;
  readonly budget: Budget;
  /** Whether checksums are compared. */
  readonly verify: boolean;
}

/** Reads elements that stand behind their number, as the two older formats have them. */
export async function readCounted(
  context: OpenContext,
  base: number,
  storage: StoredStorage,
  [first, count]: readonly [number, number],
  take: TakeBytes,
): Promise<void> {
  const { source } = context;
  const onEnd = (end: number): never => refuse(context, end, endOfFile);
  const bytes = await readExactly(source, base - 8, 8, onEnd);
  const stated = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
  if (stated !== BigInt(storage.count))
    refuse(
      context,
      base - 8,
      `expected a storage of ${storage.count} elements, received ${stated}`,
    );
  const width = byteLengthOf(storage.dtype);
  await readInChunks(source, base + first * width, count * width, onEnd, take);
}

/** What is wrong where a file is cut off. */
export const endOfFile = "expected more bytes, received the end of the file";

/** Throws about a byte of the file. */
export function refuse({ op, source }: OpenContext, at: number, problem: string): never {
  throw new TorchFileError(op, source.name, at, problem);
}

/**
 * The storages that a pickle's persistent ids stand for:
 * `("storage", class, key, location, count[, view])`.
 */
export class Storages {
  readonly byKey: Map<string, StorageRef> = new Map();
  readonly #views = new Map<string, StorageRef>();

  load(id: unknown, reader: PickleReader): StorageRef {
    if (!(id instanceof Tuple) || id[0] !== "storage")
      return reader.fail(`refused the persistent id ${describe(id)}: expected a storage`);
    const [, type, name, location, count, view = null] = id;
    const isKey = typeof name === "string" || typeof name === "number" || typeof name === "bigint";
    if (!(type instanceof StorageType) || !isKey || typeof location !== "string" || !isCount(count))
      return reader.fail("expected a storage's class, key, location and size, received others");
    const key = String(name);
    const known = this.byKey.get(key);
    const { dtype } = type;
    if (known !== undefined && (known.dtype !== dtype || known.count !== count))
      reader.fail(
        `expected storage "${key}" as ${known.count} ${known.dtype}, received ${count} ${dtype}`,
      );
    const root = known ?? new StorageRef({ key, dtype, location, count });
    this.byKey.set(key, root);
    return view === null ? root : this.#view(view, root, reader);
  }

  /** A part of a storage that is a storage of its own. */
  #view(view: unknown, root: StorageRef, reader: PickleReader): StorageRef {
    const [key, start, count] = view instanceof Tuple ? view : [];
    if (!isCount(start) || !isCount(count) || start + count > root.count)
      return reader.fail(
        `expected a part of a storage of ${root.count} elements, received another`,
      );
    const known = this.#views.get(String(key));
    const part = known ?? new StorageRef({ ...root, count }, { of: root, start });
    this.#views.set(String(key), part);
    return part;
  }
}

/** Whether a value is a number of elements. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
