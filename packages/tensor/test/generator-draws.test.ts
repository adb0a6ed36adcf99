// Every distribution against PyTorch's draws: values, and how far the stream has moved.
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { byteLengthOf, type DType, makeArray } from "../src/dtype.ts";
import { Generator } from "../src/generator.ts";
import * as random from "../src/random/index.ts";

interface Call {
  readonly op: string;
  readonly dtype: DType;
  readonly size: number;
  readonly args: readonly (number | string)[];
  readonly crc32?: number;
  readonly base64?: string;
}

interface Fixture {
  readonly cases: readonly {
    readonly seed: number;
    readonly calls: readonly Call[];
    readonly next: number;
  }[];
  readonly multinomial: readonly {
    readonly seed: number;
    readonly dtype: "float32" | "float64";
    readonly shape: readonly number[];
    readonly samples: number;
    readonly replacement: boolean;
    readonly plus: number;
    readonly out: readonly number[];
    readonly next: number;
  }[];
  readonly orders: readonly {
    readonly seed: number;
    readonly sampler: readonly number[];
    readonly split: readonly number[];
  }[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("./fixtures/generator-draws.json", import.meta.url), "utf8"),
);

const isHalf = (dtype: DType): boolean => dtype === "float16" || dtype === "bfloat16";

const arrayFor = (dtype: DType, size: number): random.NumberArray =>
  isHalf(dtype) ? new Float32Array(size) : (makeArray(dtype, size) as random.NumberArray);

function draw({ op, dtype, size, args }: Call, generator: Generator): random.NumberArray {
  const out = arrayFor(dtype, size);
  const real = out as random.RealArray;
  const kind = dtype as random.FloatDType;
  const [a, b] = args.map((arg) => (typeof arg === "string" ? BigInt(arg) : arg));
  const [x, y] = [Number(a), Number(b)];
  if (op === "uniform") random.fillUniform(real, generator, x, y, kind);
  else if (op === "normal") random.fillNormal(real, generator, x, y, kind);
  else if (op === "logNormal") random.fillLogNormal(real, generator, x, y, kind);
  else if (op === "exponential") random.fillExponential(real, generator, x, kind);
  else if (op === "cauchy") random.fillCauchy(real, generator, x, y, kind);
  else if (op === "geometric") random.fillGeometric(out, generator, x);
  else if (op === "randint") random.fillRandint(out, generator, a!, b!, dtype);
  else if (op === "random") random.fillRandom(out, generator, dtype);
  else if (op === "randperm") random.fillRandperm(out, generator);
  else if (op === "bernoulli") random.fillBernoulli(out, generator, x);
  else if (op === "bernoulliTensor") {
    const p = real.map((_, i) => i / Math.max(1, size - 1));
    random.fillBernoulliEach(out, generator, p);
  } else throw new Error(`no such op: ${op}`);
  return out;
}

/** The bits of half-precision values, by search: independent of how the library rounds. */
function halfBits(values: Float32Array, dtype: DType): Uint16Array {
  return Uint16Array.from(values, (value) => {
    const size = Math.abs(value);
    let [low, high] = [0, 0x7fff];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (halfValue(middle, dtype) < size) low = middle + 1;
      else high = middle;
    }
    expect(halfValue(low, dtype), `${value} in ${dtype}`).toBe(size);
    return value < 0 || Object.is(value, -0) ? low | 0x8000 : low;
  });
}

function halfValue(bits: number, dtype: DType): number {
  if (dtype === "bfloat16") return new Float32Array(new Uint32Array([bits << 16]).buffer)[0]!;
  const [exponent, fraction] = [bits >> 10, bits & 0x3ff];
  if (exponent === 31) return Number.POSITIVE_INFINITY;
  return exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
}

const bytesOf = (values: random.NumberArray, dtype: DType): Uint8Array => {
  const array = isHalf(dtype) ? halfBits(values as Float32Array, dtype) : values;
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
};

function decode(base64: string, dtype: DType, size: number): random.NumberArray {
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  expect(bytes.length).toBe(size * byteLengthOf(dtype));
  if (!isHalf(dtype)) {
    const out = arrayFor(dtype, size);
    new Uint8Array(out.buffer).set(bytes);
    return out;
  }
  return Float32Array.from(new Uint16Array(bytes.buffer), (pattern) => {
    const value = halfValue(pattern & 0x7fff, dtype);
    return pattern & 0x8000 ? -value : value;
  });
}

// In double precision, engines and C libraries may differ in the last bit of log, sin, cos, exp and tan.
const approximate = new Set(["normal", "logNormal", "exponential", "cauchy"]);
const doubleTolerance = 2 ** -50;

function compare(call: Call, actual: random.NumberArray): void {
  const { op, dtype, size } = call;
  const label = `${op} ${dtype} ${size}`;
  if (call.crc32 !== undefined) {
    expect(crc32(bytesOf(actual, dtype)), label).toBe(call.crc32);
    return;
  }
  const expected = decode(call.base64!, dtype, size);
  const exact = dtype !== "float64" || !approximate.has(op);
  for (let i = 0; i < size; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (exact) expect(a, `${label} [${i}]`).toBe(e);
    else {
      const error = Math.abs(Number(a) - Number(e)) / Math.max(1, Math.abs(Number(e)));
      expect(error, `${label} [${i}]: ${a} for ${e}`).toBeLessThanOrEqual(doubleTolerance);
    }
  }
}

const title = (calls: readonly Call[]): string => {
  const kinds = new Set(calls.map(({ op, dtype, args }) => `${op}(${args.join(", ")}) ${dtype}`));
  return [...kinds].join("; ");
};

describe("distributions", () => {
  for (const { seed, calls, next } of fixture.cases) {
    it(`draw as PyTorch does from seed ${seed}: ${title(calls)}`, () => {
      const generator = new Generator().manualSeed(seed);
      for (const call of calls) compare(call, draw(call, generator));
      expect(generator.random() % (2 ** 32 - 1)).toBe(next);
    });
  }

  for (const entry of fixture.multinomial) {
    const { seed, dtype, shape, samples, replacement, plus, next } = entry;
    const kind = replacement ? "with" : "without";
    it(`multinomial draws ${samples} of [${shape}] ${dtype} ${kind} replacement, seed ${seed}`, () => {
      const generator = new Generator().manualSeed(seed);
      const count = shape.reduce((a, b) => a * b, 1);
      const weights = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
      for (let i = 0; i < count; i++) weights[i] = ((7 * i) % 11) + plus;
      const categories = shape[shape.length - 1]!;
      const out = new Int32Array((count / categories) * samples);
      random.fillMultinomial(out, generator, weights, { categories, samples, replacement });
      expect(Array.from(out)).toEqual(entry.out);
      expect(generator.random() % (2 ** 32 - 1)).toBe(next);
    });
  }

  it.each(fixture.orders)(
    "give the orders of PyTorch's samplers and splits, seed $seed",
    (entry) => {
      const { seed, sampler, split } = entry;
      const count = sampler.length;
      const own = new Generator().manualSeed(random.drawSeed(new Generator().manualSeed(seed)));
      expect(Array.from(random.randomOrder(count, own))).toEqual(sampler);
      const order = random.randomOrder(count, new Generator().manualSeed(seed));
      expect(Array.from(order)).toEqual(split);
    },
  );

  it("take the path for few or strided elements whatever their number, when asked", () => {
    const [a, b] = [new Generator().manualSeed(1), new Generator().manualSeed(1)];
    const whole = new Float32Array(20);
    random.fillNormalOneByOne(whole, a);
    const parts = new Float32Array(20);
    random.fillNormal(parts.subarray(0, 15), b);
    random.fillNormal(parts.subarray(15), b);
    expect(whole).toEqual(parts);
    expect(a.getState()).toEqual(b.getState());
  });

  it("draw nothing for no elements", () => {
    const generator = new Generator();
    const before = generator.getState();
    const none = new Float32Array(0);
    random.fillUniform(none, generator);
    random.fillNormal(none, generator);
    random.fillRandperm(none, generator);
    random.fillBernoulli(none, generator);
    expect(generator.getState()).toEqual(before);
  });
});
