// Printed tensors against strings that PyTorch laid out.
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { type DType, makeArray } from "../src/dtype.ts";
import {
  type Element,
  formatTensor,
  getPrintOptions,
  type PrintOptionChanges,
  setPrintOptions,
  summarizedIndices,
} from "../src/format.ts";

interface Case {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data?: string;
  readonly suffix?: string;
  readonly gradFnName?: string;
  readonly requiresGrad?: boolean;
  readonly options?: Record<string, unknown>;
  readonly text: string;
}

const fixture: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("./fixtures/format.json", import.meta.url), "utf8"),
);

function unpack(base64: string, shape: readonly number[], dtype: DType): ArrayLike<Element> {
  const count = shape.reduce((n, size) => n * size, 1);
  const widened = dtype === "float16" || dtype === "bfloat16" ? "float32" : dtype;
  const array = makeArray(widened, count);
  new Uint8Array(array.buffer).set(inflateSync(Buffer.from(base64, "base64")));
  return array;
}

const optionsOf = ({ options = {} }: Case): PrintOptionChanges =>
  Object.fromEntries(
    Object.entries(options).map(([k, v]) => [k, v === "Infinity" ? Number.POSITIVE_INFINITY : v]),
  );

afterEach(() => setPrintOptions({ profile: "default" }));

describe("formatTensor()", () => {
  it("has a fixture of every kind", () => {
    expect(fixture.cases.length).toBeGreaterThan(450);
    expect(new Set(fixture.cases.map(({ dtype }) => dtype)).size).toBe(10);
  });

  fixture.cases.forEach((entry, i) => {
    const { shape, dtype, data, suffix, gradFnName, requiresGrad, text } = entry;
    const shown = text.length < 60 ? text.replaceAll("\n", " ") : `[${shape}] ${dtype}`;
    const set = entry.options === undefined ? "" : ` with ${JSON.stringify(entry.options)}`;
    it(`prints like PyTorch: ${shown}${set} (case ${i})`, () => {
      setPrintOptions(optionsOf(entry));
      const tensor = { shape, dtype, suffix, gradFnName, requiresGrad };
      if (data === undefined) {
        expect(formatTensor(tensor)).toBe(text);
        return;
      }
      const elements = unpack(data, shape, dtype);
      expect(formatTensor({ ...tensor, data: elements })).toBe(text);

      // The same through an accessor, which must ask for no more than was announced.
      const announced = new Set(summarizedIndices(shape));
      const at = (index: number): Element => {
        expect(announced.has(index)).toBe(true);
        return elements[index]!;
      };
      expect(formatTensor({ ...tensor, data: at })).toBe(text);
    });
  });

  it("takes options for one call, which leave the others alone", () => {
    const tensor = { data: [1.12345], shape: [1], dtype: "float32" } as const;
    expect(formatTensor({ ...tensor, options: { precision: 2 } })).toBe("tensor([1.12])");
    expect(formatTensor(tensor)).toBe("tensor([1.1235])");
  });

  it("takes booleans as elements", () => {
    const tensor = { data: [true, false], shape: [2], dtype: "bool" } as const;
    expect(formatTensor(tensor)).toBe(formatTensor({ ...tensor, data: [1, 0] }));
  });

  it("reads few elements of a tensor too large to hold", () => {
    const shape = [2 ** 20, 2 ** 20, 2 ** 10];
    expect(summarizedIndices(shape)).toHaveLength(6 ** 3);
    const text = formatTensor({ data: (i) => BigInt(i), shape, dtype: "int64" });
    expect(text).toContain(`${2 ** 50 - 1}]]], dtype=int64)`);
  });

  it("refuses data of another length", () => {
    expect(() => formatTensor({ data: [1, 2], shape: [3], dtype: "int32" })).toThrow(
      new RangeError("formatTensor: Cannot print the data: expected 3 elements, received 2"),
    );
  });
});

describe("setPrintOptions()", () => {
  it("keeps what is not given, except sciMode", () => {
    setPrintOptions({ precision: 2, sciMode: true });
    setPrintOptions({ edgeItems: 5 });
    expect(getPrintOptions()).toEqual({
      precision: 2,
      threshold: 1000,
      edgeItems: 5,
      lineWidth: 80,
      sciMode: undefined,
    });
  });

  it.each([
    [{ precision: -1 }, "precision: expected an integer in [0, 100], received -1"],
    [{ precision: 1.5 }, "precision: expected an integer in [0, 100], received 1.5"],
    [{ threshold: Number.NaN }, "threshold: expected an integer in [0, Infinity], received NaN"],
    [{ edgeItems: 0 }, "edgeItems: expected an integer in [1, Infinity], received 0"],
    [{ lineWidth: 0 }, "lineWidth: expected an integer in [1, Infinity], received 0"],
  ])("refuses %o and changes nothing", (changes, message) => {
    const before = getPrintOptions();
    expect(() => setPrintOptions(changes)).toThrow(
      new RangeError(`setPrintOptions: Cannot use ${message}`),
    );
    expect(getPrintOptions()).toEqual(before);
  });

  it("refuses an unknown profile", () => {
    expect(() => setPrintOptions({ profile: "long" as "short" })).toThrow(
      new TypeError(
        'setPrintOptions: Cannot use profile: expected "default", "short" or "full", received "long"',
      ),
    );
  });

  it("checks the options of one call under the name of that call", () => {
    const options = { precision: 200 };
    const tensor = { data: [1], shape: [1], dtype: "float32", options } as const;
    expect(() => formatTensor(tensor)).toThrow("formatTensor: Cannot use precision");
    expect(() => summarizedIndices([1], options)).toThrow(
      "summarizedIndices: Cannot use precision",
    );
  });
});
