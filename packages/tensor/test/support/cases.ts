// Replays the cases of tools/fixtures/tensor_cases.py: the op under our name, compared in shape,
// dtype and every element.
import { readFileSync } from "node:fs";
import * as tead from "@tead/tensor";
import { type DType, isFloat, isHalf, type Tensor, type TypedArray } from "@tead/tensor";
import { expect } from "vitest";

/** NaN, infinities and -0 are words; so are integers beyond 2^53. */
type Word = number | string;
export interface TensorText {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly Word[];
}
export interface Case {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly out?: readonly TensorText[];
  readonly error?: string;
  /** Of the default generator, before the call. */
  readonly seed?: number;
}

/** A fixture file: its cases, and whatever else it holds. */
export function fixture<T = unknown>(name: string): T & { readonly cases: readonly Case[] } {
  const url = new URL(`../fixtures/ops-${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

const renamed: Readonly<Record<string, string>> = { keepdim: "keepDim" };

export const camelCase = (name: string): string =>
  renamed[name] ??
  name.replace(/(?<=[a-z0-9])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function numberOf(word: Word): number | bigint {
  if (typeof word === "number") return word;
  if (word === "nan") return Number.NaN;
  if (word === "inf" || word === "-inf") return Number(`${word}inity`.replace("inf", "Inf"));
  return word === "-0" ? -0 : BigInt(word);
}

export function tensorOf({ dtype, shape, data }: TensorText): Tensor {
  const values = data.map(numberOf);
  const exact = values.every((v) => typeof v === "number");
  const array = exact ? Float64Array.from(values as number[]) : BigInt64Array.from(values, BigInt);
  return tead.tensor(array, { shape, dtype });
}

const isTensorText = (value: unknown): value is TensorText =>
  typeof value === "object" && value !== null && "data" in value;

/** How an operand lies in memory: the result must not depend on it. */
export type Layout = (t: Tensor) => Tensor;
export const asMade: Layout = (t) => t;
/** The same values with gaps between them, the dims in another order in memory. */
export const scattered: Layout = (t) => {
  const shape = [...t.shape].reverse().map((size) => 2 * size);
  const base = tead.full([1, ...shape], 1, { dtype: t.dtype });
  const view = base
    .at(0)
    .T.at(...t.shape.map(() => tead.slice(1, undefined, 2)))
    .reshape(t.shape);
  return view.copy_(t);
};

function argumentOf(value: unknown, layout: Layout): unknown {
  if (isTensorText(value)) return layout(tensorOf(value));
  if (Array.isArray(value)) return value.map((v) => argumentOf(v, layout));
  if (typeof value !== "object" || value === null) return value ?? undefined;
  if ("float" in value) return numberOf(value.float as Word);
  if ("newDim" in value) return null;
  const { slice } = value as { slice: readonly (number | null)[] };
  return tead.slice(...slice.map((v) => v ?? undefined));
}

/** Asynchronous here; the tests call their `...Sync` twins. */
const reading: ReadonlySet<string> = new Set([
  "bincount",
  "masked_select",
  "multinomial",
  "nonzero",
  "unique",
  "unique_consecutive",
]);

type Callable = (...args: unknown[]) => unknown;

/** Calls the op: a method of the first tensor, or a function of the package. */
export function call({ op, args, kwargs, seed }: Case, layout: Layout = asMade): readonly Tensor[] {
  const name = camelCase(op) + (reading.has(op) ? "Sync" : "");
  if (seed !== undefined) tead.manualSeed(seed);
  const given = args.map((value) => argumentOf(value, layout));
  if (kwargs !== undefined)
    given.push(
      Object.fromEntries(
        Object.entries(kwargs).map(([key, v]) => [camelCase(key), argumentOf(v, layout)]),
      ),
    );
  const [self, ...rest] = given;
  const owner = self as Record<string, Callable> | undefined;
  const isMethod = typeof owner === "object" && typeof owner[name] === "function";
  const free = (tead as unknown as Record<string, Callable>)[name] as Callable;
  const result = isMethod ? (owner[name] as Callable)(...rest) : free(...given);
  if (result instanceof tead.Tensor) return [result];
  return (Array.isArray(result) ? result : Object.values(result as object)) as Tensor[];
}

interface CompareOptions {
  /** Relative; by dtype unless said. */
  readonly rtol?: number;
  /** The op's PyTorch name. */
  readonly op?: string;
}
const tolerances: Partial<Record<DType, number>> = {
  float64: 1e-13,
  float32: 2e-6,
  float16: 2e-3,
  bfloat16: 1.6e-2,
};

/** Ops where the sign of a zero result is open: by IEEE 754, or in a SIMD kernel (tanh). */
const anyZero: ReadonlySet<string> = new Set([
  "maximum",
  "minimum",
  "relu",
  "tanh",
  "fmax",
  "fmin",
  "clamp",
  "clamp_min",
]);

/** The first element that is not as expected, in words; `undefined` where all are. */
export function difference(
  actual: TypedArray,
  expected: readonly Word[],
  dtype: DType,
  { rtol = tolerances[dtype] ?? 0, op = "" }: CompareOptions = {},
): string | undefined {
  for (let i = 0; i < expected.length; i++) {
    const want = numberOf(expected[i] as Word);
    const got = actual[i] as number | bigint;
    const zeros = Number(got) === 0 && Number(want) === 0 && anyZero.has(op);
    if (!zeros && !close(got, want, dtype, rtol)) return `[${i}] expected ${want}, received ${got}`;
  }
  return undefined;
}

function close(got: number | bigint, want: number | bigint, dtype: DType, rtol: number): boolean {
  if (!isFloat(dtype)) return BigInt(got) === BigInt(want);
  const [a, b] = [Number(got), Number(want)];
  if (!Number.isFinite(a) || !Number.isFinite(b) || (a === 0 && b === 0)) return Object.is(a, b);
  // Below the least normal number, exactness is the platform's choice.
  const least = isHalf(dtype) ? 1e-7 : dtype === "float32" ? 1.2e-38 : 2.3e-308;
  return Math.abs(a - b) <= rtol * Math.abs(b) + least;
}

/** Expects tensors of the shapes, dtypes and values that PyTorch gave. */
export function expectTensors(
  actual: readonly Tensor[],
  expected: readonly TensorText[],
  options?: CompareOptions,
): void {
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  expected.forEach(({ data, dtype }, i) => {
    const problem = difference((actual[i] as Tensor).dataSync(), data, dtype, options);
    expect(problem, `output ${i}`).toBeUndefined();
  });
}

/** One case as PyTorch ran it: the same result, or an error here too. */
export function replay(c: Case, layout?: Layout, rtol?: number): void {
  if (c.out === undefined) expect(() => call(c, layout), c.error).toThrow();
  else expectTensors(call(c, layout), c.out, { op: c.op, ...(rtol === undefined ? {} : { rtol }) });
}

/** A case's title: the op with its operands' dtypes and shapes, and its other arguments. */
export function titleOf({ op, args, kwargs }: Case): string {
  const text = (value: unknown): string =>
    isTensorText(value) ? `${value.dtype}[${value.shape}]` : JSON.stringify(value);
  const options = kwargs === undefined ? [] : [JSON.stringify(kwargs).slice(0, 60)];
  return `${camelCase(op)}(${[...args.map(text), ...options].join(", ")})`.slice(0, 110);
}
