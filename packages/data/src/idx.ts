// The IDX format of MNIST: a magic number, the sizes, then big-endian numbers.
import { FileFormatError } from "@tead/transforms/image";

/** The array types that IDX knows. */
export type IdxData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The contents of an IDX file. */
export interface IdxArray<Data extends IdxData = IdxData> {
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** All numbers, row by row. */
  readonly data: Data;
}

interface IdxType {
  readonly name: string;
  readonly size: number;
  create(count: number): IdxData;
  get(view: DataView, offset: number): number;
}

const idxType = (
  name: string,
  create: { new (count: number): IdxData; readonly BYTES_PER_ELEMENT: number },
  get: IdxType["get"],
): IdxType => ({ name, size: create.BYTES_PER_ELEMENT, create: (n) => new create(n), get });

const TYPES: ReadonlyMap<number, IdxType> = new Map([
  [0x08, idxType("uint8", Uint8Array, (view, offset) => view.getUint8(offset))],
  [0x09, idxType("int8", Int8Array, (view, offset) => view.getInt8(offset))],
  [0x0b, idxType("int16", Int16Array, (view, offset) => view.getInt16(offset))],
  [0x0c, idxType("int32", Int32Array, (view, offset) => view.getInt32(offset))],
  [0x0d, idxType("float32", Float32Array, (view, offset) => view.getFloat32(offset))],
  [0x0e, idxType("float64", Float64Array, (view, offset) => view.getFloat64(offset))],
]);

/**
 * Reads an IDX file: two zero bytes, a byte for the type, a byte for the number of dimensions, the sizes as
 * big-endian uint32, and the numbers.
 *
 * **Shapes**: any, up to 255 dimensions.
 *
 * @param bytes - The whole file, unpacked.
 * @param file - Its name, for messages. Default `"<bytes>"`.
 * @throws FileFormatError with file and offset if the magic number is not IDX's, or the file is shorter or longer than
 * its sizes say.
 * @example
 * import assert from "node:assert/strict";
 * import { parseIdx } from "@tead/data";
 * const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9);
 * const { shape, data } = parseIdx(bytes);
 * assert.deepEqual([shape, [...data]], [[1, 2], [7, 9]]);
 */
export function parseIdx(bytes: Uint8Array, file = "<bytes>"): IdxArray {
  const fail = (offset: number, problem: string): never => {
    throw new FileFormatError("parseIdx", file, offset, problem);
  };
  const magic = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0"));
  if (bytes.length < 4) fail(bytes.length, "the file ends in its magic number");
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    fail(0, `expected two zero bytes, received the magic number [${magic.join(" ")}]`);
  }
  const type = TYPES.get(bytes[2]!);
  if (type === undefined) return fail(2, `no IDX type has the number 0x${magic[2]}`);
  const dims = bytes[3]!;
  const start = 4 + 4 * dims;
  if (bytes.length < start) {
    fail(bytes.length, `the file ends in its ${dims} sizes: expected ${start} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dims }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.reduce((product, size) => product * size, 1);
  const end = start + count * type.size;
  const described = `[${shape.join(", ")}] ${type.name} numbers`;
  if (bytes.length < end) {
    fail(bytes.length, `the file ends early: expected ${end} bytes for ${described}`);
  }
  if (bytes.length > end) {
    fail(end, `${bytes.length - end} bytes follow the last of ${described}`);
  }
  const data = type.create(count);
  if (data instanceof Uint8Array) data.set(bytes.subarray(start));
  else for (let i = 0; i < count; i++) data[i] = type.get(view, start + i * type.size);
  return { shape, data };
}

/** An IDX file that must hold uint8 numbers in `dims` dimensions, as MNIST's do. */
export function parseIdxBytes(
  bytes: Uint8Array,
  dims: number,
  file?: string,
): IdxArray<Uint8Array> {
  const { shape, data } = parseIdx(bytes, file);
  if (!(data instanceof Uint8Array) || shape.length !== dims) {
    const problem = `expected uint8 numbers in ${dims} dimensions, received ${data.constructor.name} [${shape.join(", ")}]`;
    throw new FileFormatError("parseIdx", file ?? "<bytes>", 2, problem);
  }
  return { shape, data };
}
