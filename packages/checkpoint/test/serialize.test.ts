import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deserialize, SafetensorsError, serialize, type TensorBytes } from "../src/index.ts";
import { bytesOfCase, fixture, fromBase64 } from "./fixture.ts";

/** A file with this header, and that many bytes behind it. */
function fileOf(header: string, count = 0): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(count)]);
}

function errorOf(fn: () => unknown): SafetensorsError {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(SafetensorsError);
    return error as SafetensorsError;
  }
  throw new Error("expected an error");
}

describe("serialize()", () => {
  it.each(fixture.written)("writes the reference's bytes for $title", (each) => {
    const bytes = serialize(bytesOfCase(each), { metadata: each.metadata ?? {} });
    expect(Buffer.from(bytes).toString("base64")).toBe(each.file);
  });

  it("sorts metadata, so that equal content gives equal bytes", () => {
    const one = serialize({}, { metadata: { b: "1", a: "2" } });
    expect(one).toEqual(serialize({}, { metadata: { a: "2", b: "1" } }));
  });

  const byte = { dtype: "uint8", shape: [1], data: Uint8Array.of(1) } as const;
  it.each([
    [{ __metadata__: byte }, {}, 'Cannot store a tensor as "__metadata__": expected another name'],
    [{ "\ud800": byte }, {}, 'Cannot store "\\ud800": expected Unicode text'],
    [{}, { a: "\udfff" }, 'Cannot store "\\udfff": expected Unicode text'],
    [{}, { a: 1 as never }, "Cannot store metadata: expected strings, received a number"],
    [
      { a: { ...byte, shape: [2, 3] } },
      {},
      'serialize: Cannot store "a": expected 6 bytes for uint8 [2, 3], received 1',
    ],
  ])("refuses %j with metadata %j", (tensors, metadata, message) => {
    expect(() => serialize(tensors, { metadata })).toThrow(message);
  });
});

describe("deserialize()", () => {
  it.each(fixture.written)("reads the reference's file of $title", (each) => {
    const { tensors, metadata } = deserialize(fromBase64(each.file));
    expect(tensors).toEqual(bytesOfCase(each));
    expect(Object.keys(tensors).sort()).toEqual(each.tensors.map(({ name }) => name).sort());
    expect(metadata).toEqual(each.metadata ?? {});
  });

  it.each(fixture.refused)(
    "takes $title as the reference does: $accepted",
    ({ file, accepted }) => {
      const read = () => deserialize(fromBase64(file));
      if (accepted) read();
      else expect(read).toThrow(SafetensorsError);
    },
  );

  const one = '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';
  const u8 = (name: string, begin: number, end: number) =>
    `"${name}":{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]}`;
  it.each<[string, Uint8Array, number, string]>([
    ["no length", new Uint8Array(5), 0, "expected 8 bytes of header length, received 5"],
    [
      "a huge header",
      new Uint8Array(20).fill(255),
      0,
      "expected a header of at most 100000000 bytes, received 18446744073709551615",
    ],
    [
      "a cut header",
      fileOf(`{${one}}`).subarray(0, 30),
      8,
      "expected a header of 54 bytes, received 22",
    ],
    ["no JSON", fileOf("{"), 8, "the header is not JSON: "],
    ["no UTF-8", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), 8, "the header is not UTF-8"],
    ["a number", fileOf("3"), 8, "the header is not a JSON object, but a number"],
    ["no bytes", fileOf(`{${one}}`), 9, '"a": expected a file of at least 70 bytes, received 62'],
    [
      "more bytes",
      fileOf(`{${one}}`, 9),
      70,
      "expected the end of the file, received 1 more bytes",
    ],
    [
      "a name said twice",
      fileOf(`{"é":1,${one},"\\u0061":2}`, 8),
      // 8 for the length, and é is two bytes
      8 + 7 + 1 + one.length + 1,
      '"a": the same key stands in the header twice',
    ],
    [
      "a hole",
      fileOf(`{${one},${u8("b", 9, 12)}}`, 12),
      8 + 1 + one.length + 1,
      '"b": its bytes leave a hole before them: expected a begin of 8, received 9',
    ],
    [
      "an overlap",
      fileOf(`{${u8("b", 0, 3)},${u8("c", 2, 5)}}`, 5),
      8 + 1 + u8("b", 0, 3).length + 1,
      '"c": its bytes overlap those of another tensor: expected a begin of 3, received 2',
    ],
    [
      "an unknown dtype",
      fileOf('{"a":{"dtype":"F8_E4M3","shape":[],"data_offsets":[0,1]}}', 1),
      9,
      '"a": expected a dtype of I64, F64, F32, I32, BF16, F16, I16, I8, U8, BOOL, received "F8_E4M3"',
    ],
    [
      "a shape that is none",
      fileOf('{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}'),
      9,
      '"a": expected a shape of sizes, received [0]',
    ],
    [
      "offsets in words",
      fileOf('{"a":{"dtype":"U8","shape":[],"data_offsets":["0",1]}}', 1),
      9,
      '"a": expected data_offsets [begin, end], received ["0",1]',
    ],
    [
      "a shape of another size",
      fileOf('{"a":{"dtype":"F64","shape":[2,3],"data_offsets":[0,8]}}', 8),
      9,
      '"a": expected 48 bytes for F64 [2, 3], received 8',
    ],
    [
      "an entry that is a list",
      fileOf('{"a":[]}'),
      9,
      '"a": expected an object, received an array',
    ],
    [
      "metadata that are no strings",
      fileOf('{"__metadata__":{"k":null}}'),
      9,
      '"__metadata__": expected a string under "k", received null',
    ],
    [
      "a bool of 2",
      new Uint8Array([
        ...fileOf('{"a":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}'),
        ...[0, 1, 2],
      ]),
      8 + 55 + 2,
      '"a": expected a bool of 0 or 1, received 2',
    ],
  ])("names file and offset of %s", (_, file, offset, problem) => {
    const error = errorOf(() => deserialize(file, { file: "w.safetensors" }));
    expect(error.message).toContain(
      `deserialize: Cannot read w.safetensors: at byte ${offset}: ${problem}`,
    );
    expect([error.file, error.offset]).toEqual(["w.safetensors", offset]);
  });

  it("reads a tensor named __proto__ as any other", () => {
    const data = Uint8Array.of(7);
    const tensors = Object.fromEntries([["__proto__", { dtype: "uint8", shape: [1], data }]]);
    const back = deserialize(serialize(tensors as Record<string, TensorBytes>)).tensors;
    expect(Object.entries(back)).toEqual([["__proto__", { dtype: "uint8", shape: [1], data }]]);
  });

  it("scans a header with megabytes of escapes", () => {
    const metadata = { text: '"\\'.repeat(500_000) };
    expect(deserialize(serialize({}, { metadata })).metadata).toEqual(metadata);
  });
});

const sizes = { int64: 8, float64: 8, float32: 4, float16: 2, uint8: 1, bool: 1 } as const;
const tensorBytes = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(sizes) as (keyof typeof sizes)[])),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
    seed: fc.nat(255),
  })
  .map(({ dtype, shape, seed }): TensorBytes => {
    const count = shape.reduce((a, b) => a * b, sizes[dtype]);
    const limit = dtype === "bool" ? 2 : 256;
    return { dtype, shape, data: Uint8Array.from({ length: count }, (_, i) => (seed + i) % limit) };
  });
const files = fc.record({
  tensors: fc.dictionary(fc.string({ unit: "grapheme" }), tensorBytes, { maxKeys: 5 }),
  metadata: fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), {
    maxKeys: 3,
  }),
});

describe("serialize() and deserialize()", () => {
  it("give back whatever went in", () => {
    fc.assert(
      fc.property(files, ({ tensors, metadata }) => {
        const back = deserialize(serialize(tensors, { metadata }));
        // Through entries: fast-check's records may have no prototype.
        const plain = (record: object) => Object.fromEntries(Object.entries(record));
        expect(plain(back.tensors)).toEqual(plain(tensors));
        expect(plain(back.metadata)).toEqual(plain(metadata));
      }),
    );
  });

  it("refuse every file that was cut, and every file that grew", () => {
    fc.assert(
      fc.property(files, fc.nat(), ({ tensors, metadata }, seed) => {
        const file = serialize(tensors, { metadata });
        const cut = file.subarray(0, seed % file.length);
        expect(errorOf(() => deserialize(cut)).offset).toBeLessThanOrEqual(file.length);
        errorOf(() => deserialize(Buffer.concat([file, Uint8Array.of(0)])));
      }),
    );
  });

  it("read a file with some bytes changed as what it says, or refuse it by offset", () => {
    const edit = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(files, fc.array(edit, { minLength: 1, maxLength: 3 }), (content, edits) => {
        const file = serialize(content.tensors, { metadata: content.metadata });
        for (const [at, byte] of edits) file[at % file.length] = byte;
        let read: ReturnType<typeof deserialize>;
        try {
          read = deserialize(file);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
          expect((error as SafetensorsError).offset).toBeLessThan(file.length);
          return;
        }
        // Whatever is returned must be what the header says, byte for byte, with nothing left over.
        const length = Number(Buffer.from(file).readBigUInt64LE());
        const header = JSON.parse(Buffer.from(file.subarray(8, 8 + length)).toString());
        let covered = 8 + length;
        for (const [name, { data }] of Object.entries(read.tensors)) {
          const [begin, end] = header[name].data_offsets;
          expect([...data]).toEqual([...file.subarray(8 + length + begin, 8 + length + end)]);
          covered += data.length;
        }
        expect(covered).toBe(file.length);
      }),
      { numRuns: 500 },
    );
  });
});
