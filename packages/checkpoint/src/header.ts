// The header of a safetensors file: parsed, and checked against the size of the file as a whole.
import { byteLengthOf, type DType } from "@tead/tensor";
import { dtypeNamed, storedNames } from "./dtypes.ts";
import { SafetensorsError } from "./errors.ts";
import { type KeyPlace, scanKeys } from "./json-keys.ts";

/** Bytes of the length in front of the header. */
export const lengthBytes = 8;
/** The longest header that readers accept, in bytes. */
export const maxHeaderBytes = 100_000_000;
/** The key under which the header keeps its metadata. */
export const metadataKey = "__metadata__";

/** What a header says of one tensor. */
export interface TensorInfo {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Where its bytes begin in the file. */
  readonly start: number;
  /** Where its bytes end in the file. */
  readonly end: number;
}

/** A header that describes every byte of its file. */
export interface Header {
  /** By name, in the order of the bytes. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where bytes come from, for messages. */
export interface Source {
  /** The function that the user called. */
  readonly op: string;
  readonly file: string;
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * The length of the header, from the first 8 bytes of a file.
 *
 * @throws SafetensorsError if there are fewer, or if the length is beyond the file or the limit.
 */
export function readHeaderLength(source: Source, start: Uint8Array): number {
  const { op, file, size } = source;
  if (size < lengthBytes || start.length < lengthBytes) {
    const received = Math.min(size, start.length);
    const problem = `expected ${lengthBytes} bytes of header length, received ${received}`;
    throw new SafetensorsError(op, file, 0, problem);
  }
  const view = new DataView(start.buffer, start.byteOffset, lengthBytes);
  const length = view.getBigUint64(0, true);
  if (length > maxHeaderBytes) {
    const problem = `expected a header of at most ${maxHeaderBytes} bytes, received ${length}`;
    throw new SafetensorsError(op, file, 0, problem);
  }
  if (lengthBytes + Number(length) > size) {
    const problem = `expected a header of ${length} bytes, received ${size - lengthBytes}`;
    throw new SafetensorsError(op, file, lengthBytes, problem);
  }
  return Number(length);
}

/**
 * Parses a header and checks all of it: the JSON, every dtype, shape and range, and that the
 * tensors cover the rest of the file without holes or overlaps.
 *
 * @param source - Where the bytes come from.
 * @param bytes - The header, without the length in front.
 * @throws SafetensorsError at the first entry that is wrong.
 */
export function parseHeader(source: Source, bytes: Uint8Array): Header {
  const text = decodeText(source, bytes);
  /** Byte offset in the file of an index into the text. */
  const offsetOf = (index: number): number =>
    lengthBytes + new TextEncoder().encode(text.slice(0, index)).length;
  const fail = (place: KeyPlace, problem: string): never => {
    const what = `${JSON.stringify(place.key)}: ${problem}`;
    throw new SafetensorsError(source.op, source.file, offsetOf(place.index), what);
  };
  const root = parseJson(source, text);
  const { keys, duplicate } = scanKeys(text);
  if (duplicate !== undefined) fail(duplicate, "the same key stands in the header twice");
  const base = lengthBytes + bytes.length;
  const tensors: (readonly [string, TensorInfo, KeyPlace])[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const place of keys) {
    const value = root.get(place.key);
    if (place.key === metadataKey) metadata = readMetadata(value, place, fail);
    else tensors.push([place.key, readInfo(value, base, place, fail), place]);
  }
  tensors.sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  checkCoverage(source, tensors, base, fail);
  return { tensors: new Map(tensors.map(([name, info]) => [name, info])), metadata };
}

type Fail = (place: KeyPlace, problem: string) => never;

function decodeText({ op, file }: Source, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SafetensorsError(op, file, lengthBytes, "the header is not UTF-8", { cause });
  }
}

function parseJson({ op, file }: Source, text: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const problem = `the header is not JSON: ${reason}`;
    throw new SafetensorsError(op, file, lengthBytes, problem, { cause });
  }
  if (!isRecord(value)) {
    const problem = `the header is not a JSON object, but ${nameOf(value)}`;
    throw new SafetensorsError(op, file, lengthBytes, problem);
  }
  return new Map(Object.entries(value));
}

function readMetadata(value: unknown, place: KeyPlace, fail: Fail): Record<string, string> {
  if (value === null) return {};
  if (!isRecord(value)) fail(place, `expected an object of strings, received ${nameOf(value)}`);
  const entries = Object.entries(value as Record<string, unknown>);
  for (const [key, text] of entries) {
    if (typeof text !== "string") {
      fail(place, `expected a string under ${JSON.stringify(key)}, received ${nameOf(text)}`);
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function readInfo(value: unknown, base: number, place: KeyPlace, fail: Fail): TensorInfo {
  const info = isRecord(value)
    ? value
    : fail(place, `expected an object, received ${nameOf(value)}`);
  const { dtype: name, shape, data_offsets: range } = info;
  const dtype = typeof name === "string" ? dtypeNamed(name) : undefined;
  if (dtype === undefined) {
    return fail(place, `expected a dtype of ${storedNames}, received ${JSON.stringify(name)}`);
  }
  if (!isSizes(shape)) {
    return fail(place, `expected a shape of sizes, received ${JSON.stringify(shape)}`);
  }
  if (!isSizes(range) || range.length !== 2 || range[0]! > range[1]!) {
    return fail(place, `expected data_offsets [begin, end], received ${JSON.stringify(range)}`);
  }
  const expected = shape.reduce((a, b) => a * b, byteLengthOf(dtype));
  const [begin, end] = range as [number, number];
  if (end - begin !== expected) {
    const what = `${name} [${shape.join(", ")}]`;
    return fail(place, `expected ${expected} bytes for ${what}, received ${end - begin}`);
  }
  return { dtype, shape, start: base + begin, end: base + end };
}

function checkCoverage(
  { op, file, size }: Source,
  tensors: readonly (readonly [string, TensorInfo, KeyPlace])[],
  base: number,
  fail: Fail,
): void {
  let covered = base;
  for (const [, { start, end }, place] of tensors) {
    if (start !== covered) {
      const what = start < covered ? "overlap those of another tensor" : "leave a hole before them";
      const received = `expected a begin of ${covered - base}, received ${start - base}`;
      fail(place, `its bytes ${what}: ${received}`);
    }
    if (end > size) {
      fail(place, `expected a file of at least ${end} bytes, received ${size}`);
    }
    covered = end;
  }
  if (covered !== size) {
    const problem = `expected the end of the file, received ${size - covered} more bytes`;
    throw new SafetensorsError(op, file, covered, problem);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.every((size) => Number.isSafeInteger(size) && size >= 0 && !Object.is(size, -0));

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
