// Checkpoints: one safetensors file whose metadata say how its tensors nest.
import { StateError, Tensor, UnsupportedError } from "@tead/tensor";
import { type ArrayKind, arrayKindNamed, arrayKindOf, type CheckpointArray } from "./arrays.ts";
import { concat } from "./bytes/concat.ts";
import { bytesOf } from "./bytes/elements.ts";
import { type ByteSource, type Readable, sourceOf } from "./bytes/source.ts";
import { SafetensorsError } from "./errors.ts";
import { lengthBytes } from "./header.ts";
import { openSafeFile, type SafeFile } from "./safe-file.ts";
import { serializeParts, type TensorBytes } from "./serialize.ts";
import { type CheckpointValue, decodeStructure, encodeStructure, type Leaf } from "./structure.ts";
import type { LoadOptions } from "./tensors.ts";

/** The version of the structure that is written, and the newest that is read. */
const version = 1;
/** The metadata entry that holds the structure. */
const structureKey = "tead.checkpoint";

/** What a checkpoint holds, as {@link loadCheckpoint} gives it. */
export type CheckpointRecord = { readonly [key: string]: CheckpointValue };

/**
 * A nested value with all its tensors as the bytes of one file. Everything is read as it is at the
 * call. In Node, `saveCheckpoint` of the `/node` entry writes a file.
 *
 * @param state - Records, arrays, maps, numbers, bigints, strings, booleans, null, typed arrays and
 * tensors, nested as you like. A tensor that stands in two places is stored once. A property that
 * is `undefined` is left out.
 * @throws TypeError if it holds anything else, or itself; the message names the path.
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { loadCheckpoint, saveCheckpoint } from "@tead/checkpoint";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const bytes = await saveCheckpoint({ weight: zeros([2, 3]), epoch: 4 });
 * assert.equal((await loadCheckpoint(new Blob([bytes])))["epoch"], 4);
 */
export async function saveCheckpoint(state: object): Promise<Uint8Array<ArrayBuffer>> {
  return concat(await checkpointParts("saveCheckpoint", state));
}

/** The parts of the file, in order. Everything is read as it is at the call. @internal */
export async function checkpointParts(op: string, state: object): Promise<Uint8Array[]> {
  const { json, leaves } = encodeStructure(op, state);
  const structure = JSON.stringify({ version, root: json });
  // All reads begin before the first is awaited: nothing that runs meanwhile shows.
  const reads = [...leaves].map(async ([name, leaf]) => [name, await readLeaf(leaf)] as const);
  const tensors = Object.fromEntries(await Promise.all(reads));
  return serializeParts(tensors, { metadata: { [structureKey]: structure } });
}

async function readLeaf(leaf: Leaf): Promise<TensorBytes> {
  if (leaf instanceof Tensor) {
    const { dtype, shape } = leaf;
    return { dtype, shape, data: bytesOf(await leaf.bits()) };
  }
  const { dtype } = arrayKindOf(leaf) as ArrayKind;
  return { dtype, shape: [leaf.length], data: bytesOf(leaf).slice() };
}

/**
 * The nested value that {@link saveCheckpoint} saved. Nothing is returned unless the whole file is
 * sound. Tensors do not require gradients; one that stood in two places is one tensor again.
 *
 * @typeParam T - What the checkpoint is known to hold; nothing checks it.
 * @param input - Bytes, a `Blob` or `File`, an http(s) `URL`.
 * @param options - `device`: where tensors go. Default: the default device.
 * @throws SafetensorsError if the file is damaged.
 * @throws StateError if it is a safetensors file without a structure: `loadSafetensors` reads those.
 * @throws UnsupportedError if a newer version wrote it.
 */
export async function loadCheckpoint<T extends object = CheckpointRecord>(
  input: Readable,
  options: LoadOptions = {},
): Promise<T> {
  return readCheckpoint("loadCheckpoint", await sourceOf("loadCheckpoint", input), options);
}

/** {@link loadCheckpoint} under the name of the function that the user called. @internal */
export async function readCheckpoint<T extends object>(
  op: string,
  source: ByteSource,
  options: LoadOptions,
): Promise<T> {
  const file = await openSafeFile(op, source, options);
  try {
    const about = { op, path: file.path };
    const root = readStructure(about, file.metadata()[structureKey]);
    const bytes = new Map<string, TensorBytes>();
    for (const name of file.keys()) bytes.set(name, await file.readBytes(op, name));
    return decode(about, file, root, bytes) as unknown as T;
  } finally {
    await file.close();
  }
}

/** Who reads what, for messages. */
interface About {
  readonly op: string;
  readonly path: string;
}

function readStructure(about: About, structure: string | undefined): unknown {
  const { op, path } = about;
  if (structure === undefined) {
    throw new StateError(
      `${op}: Cannot read ${path} as a checkpoint: ` +
        `expected metadata "${structureKey}", received none`,
      { hint: "it is a plain safetensors file; read its tensors with loadFile or loadSafetensors" },
    );
  }
  const parsed = orDamaged(
    about,
    () => JSON.parse(structure) as { version: number; root: unknown },
  );
  const found = parsed?.version;
  if (typeof found === "number" && found > version) {
    throw new UnsupportedError(
      `${op}: Cannot read ${path}: ` + `expected checkpoint version ${version}, received ${found}`,
      { hint: "a newer @tead/checkpoint wrote it; update this one" },
    );
  }
  if (found !== version) {
    const problem = `expected checkpoint version ${version}, received ${JSON.stringify(found)}`;
    throw new SafetensorsError(op, path, lengthBytes, problem);
  }
  return parsed.root;
}

function decode(
  about: About,
  file: SafeFile,
  root: unknown,
  bytes: ReadonlyMap<string, TensorBytes>,
): CheckpointValue {
  const bytesOfLeaf = (name: string): TensorBytes => {
    const found = bytes.get(name);
    if (found === undefined) throw new TypeError(`"${name}", which the file does not hold`);
    return found;
  };
  const tensor = once((name: string): Tensor => file.makeTensor(bytesOfLeaf(name)));
  const array = once((name: string, type: string): CheckpointArray => {
    const kind = arrayKindNamed(type);
    const { data, dtype } = bytesOfLeaf(name);
    if (kind?.dtype !== dtype) throw new TypeError(`a ${type} that is stored as ${dtype}`);
    return kind.make(data);
  });
  return orDamaged(about, () => decodeStructure(root, { tensor, array }));
}

/** Remembers the result for each name. */
function once<R, A extends unknown[]>(
  make: (name: string, ...rest: A) => R,
): (name: string, ...rest: A) => R {
  const made = new Map<string, R>();
  return (name, ...rest) => {
    const result = made.get(name) ?? make(name, ...rest);
    made.set(name, result);
    return result;
  };
}

/** The result of `read`; what it throws about the structure becomes an error about the file. */
function orDamaged<R>({ op, path }: About, read: () => R): R {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof SyntaxError)) throw cause;
    const problem = `the checkpoint's structure is damaged: ${cause.message}`;
    throw new SafetensorsError(op, path, lengthBytes, problem, { cause });
  }
}
