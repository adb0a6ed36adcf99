// safetensors at the level of bytes, laid out as the reference implementation does.
import { byteLengthOf, type DType } from "@tead/tensor";
import { concat } from "./bytes/concat.ts";
import { storedName, storedRank } from "./dtypes.ts";
import { SafetensorsError } from "./errors.ts";
import {
  lengthBytes,
  maxHeaderBytes,
  metadataKey,
  parseHeader,
  readHeaderLength,
} from "./header.ts";

/** A tensor as a file holds it. */
export interface TensorBytes {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Elements in row-major order, little-endian; bool as one byte of 0 or 1. */
  readonly data: Uint8Array;
}

/** Options of `serialize`. */
export interface SerializeOptions {
  /** Strings to keep beside the tensors. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a file holds, by name. */
export interface Deserialized {
  readonly tensors: Record<string, TensorBytes>;
  readonly metadata: Record<string, string>;
}

/** Options of `deserialize`. */
export interface DeserializeOptions {
  /** What to call the bytes in messages. Default `"<bytes>"`. */
  readonly file?: string;
}

/**
 * The parts of a safetensors file, in order: the header with its length, then the bytes of each
 * tensor. Tensors stand in the order of the reference implementation: wider dtypes first, then by
 * name.
 *
 * @param tensors - By name.
 * @param options - `metadata`.
 * @throws RangeError if a name is reserved or is not Unicode text, if bytes do not fit a shape, or
 * if the header is beyond what readers accept.
 */
export function serializeParts(
  tensors: Readonly<Record<string, TensorBytes>>,
  { metadata = {} }: SerializeOptions = {},
): Uint8Array[] {
  const ordered = Object.entries(tensors)
    .map(([name, tensor]) => ({ name, tensor, key: encodeName(name) }))
    .sort((a, b) => {
      const rank = storedRank(a.tensor.dtype) - storedRank(b.tensor.dtype);
      return rank || compareBytes(a.key, b.key);
    });
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`"${metadataKey}":${metadataJson(metadata)}`);
  let offset = 0;
  for (const { name, tensor } of ordered) {
    const { dtype, shape, data } = tensor;
    const expected = shape.reduce((a, b) => a * b, byteLengthOf(dtype));
    if (data.length !== expected) {
      throw new RangeError(
        `serialize: Cannot store "${name}": ` +
          `expected ${expected} bytes for ${dtype} [${shape.join(", ")}], received ${data.length}`,
      );
    }
    const end = offset + expected;
    const info = { dtype: storedName(dtype), shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
    offset = end;
  }
  return [frameHeader(`{${fields.join(",")}}`), ...ordered.map(({ tensor }) => tensor.data)];
}

/**
 * A safetensors file, byte by byte what the reference implementation writes for the same tensors
 * (which leaves the order of several metadata entries to chance; here they are sorted).
 *
 * @param tensors - By name.
 * @param options - `metadata`.
 * @throws RangeError if a name is reserved or is not Unicode text, if bytes do not fit a shape, or
 * if the header is beyond what readers accept.
 * @see https://github.com/huggingface/safetensors#format
 * @example
 * import assert from "node:assert/strict";
 * import { deserialize, serialize } from "@tead/checkpoint";
 * const flags = { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) } as const;
 * const bytes = serialize({ flags }, { metadata: { from: "here" } });
 * const { tensors, metadata } = deserialize(bytes);
 * assert.deepEqual(tensors["flags"], flags);
 * assert.deepEqual(metadata, { from: "here" });
 */
export function serialize(
  tensors: Readonly<Record<string, TensorBytes>>,
  options: SerializeOptions = {},
): Uint8Array<ArrayBuffer> {
  return concat(serializeParts(tensors, options));
}

/**
 * What a safetensors file holds. The whole file is checked first: the header's length, its JSON,
 * dtypes, shapes, that every byte belongs to exactly one tensor, and that bools are 0 or 1.
 *
 * @param bytes - A whole file. The tensors' bytes are views of it.
 * @param options - `file`: what to call it in messages.
 * @throws SafetensorsError at the first thing that is wrong.
 * @see https://github.com/huggingface/safetensors#format
 */
export function deserialize(
  bytes: Uint8Array,
  { file = "<bytes>" }: DeserializeOptions = {},
): Deserialized {
  return readBytes("deserialize", bytes, file);
}

/** {@link deserialize} under the name of the function that the user called. */
export function readBytes(op: string, bytes: Uint8Array, file: string): Deserialized {
  const source = { op, file, size: bytes.length };
  const length = readHeaderLength(source, bytes);
  const header = parseHeader(source, bytes.subarray(lengthBytes, lengthBytes + length));
  const tensors: [string, TensorBytes][] = [];
  for (const [name, { dtype, shape, start, end }] of header.tensors) {
    const data = bytes.subarray(start, end);
    checkElements(op, file, start, name, { dtype, shape, data });
    tensors.push([name, { dtype, shape, data }]);
  }
  return { tensors: Object.fromEntries(tensors), metadata: { ...header.metadata } };
}

/** @throws SafetensorsError if a bool is neither 0 nor 1; every other byte is a value. */
export function checkElements(
  op: string,
  file: string,
  start: number,
  name: string,
  { dtype, data }: TensorBytes,
): void {
  if (dtype !== "bool") return;
  const bad = data.findIndex((byte) => byte > 1);
  if (bad < 0) return;
  const problem = `"${name}": expected a bool of 0 or 1, received ${data[bad]}`;
  throw new SafetensorsError(op, file, start + bad, problem);
}

function frameHeader(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > maxHeaderBytes) {
    throw new RangeError(
      `serialize: Cannot store a header of ${length} bytes: expected at most ${maxHeaderBytes}`,
    );
  }
  const header = new Uint8Array(lengthBytes + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, lengthBytes);
  return header;
}

function encodeName(name: string): Uint8Array {
  if (name === metadataKey) {
    throw new RangeError(
      `serialize: Cannot store a tensor as "${metadataKey}": expected another name`,
    );
  }
  return new TextEncoder().encode(checkText(name));
}

function metadataJson(metadata: Readonly<Record<string, string>>): string {
  const encoder = new TextEncoder();
  const entries = Object.entries(metadata)
    .map(([key, value]) => [encoder.encode(checkText(key)), key, checkText(value)] as const)
    .sort(([a], [b]) => compareBytes(a, b));
  const fields = entries.map(([, key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${fields.join(",")}}`;
}

/** Half a surrogate pair has no UTF-8 form: other readers would refuse the file. */
function checkText(text: string): string {
  if (typeof text !== "string") {
    throw new TypeError(
      `serialize: Cannot store metadata: expected strings, received a ${typeof text}`,
    );
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw new RangeError(
      `serialize: Cannot store ${JSON.stringify(text)}: ` +
        `expected Unicode text, received half a surrogate pair`,
    );
  }
  return text;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
