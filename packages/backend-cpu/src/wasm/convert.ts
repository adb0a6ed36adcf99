// Conversions between dtypes by SIMD. The twins are in src/twins/convert.ts.
import type { DType } from "@tead/tensor";
import type { Convert } from "../twins/convert.ts";
import { reserve, wasmAvailable, wasmEngine } from "./engine.ts";
import type { ConversionName } from "./exports.ts";

/** Elements in a chunk, and the bytes of an area of them: longer, off the cache's period. */
const CHUNK = 4096;
const AREA = CHUNK * 8 + 1088;
/** Up to this many elements the loops are as fast. */
const FEW = 64;

const kernels: Readonly<Record<string, ConversionName>> = {
  "float16 float32": "floatsOfHalves",
  "float32 float16": "halvesOfFloats",
  "bfloat16 float32": "floatsOfBrains",
  "float32 bfloat16": "brainsOfFloats",
  "int32 float32": "floatsOfIntegers",
  "float32 int32": "integersOfFloats",
  "bool float32": "floatsOfBytes",
  "uint8 float32": "floatsOfBytes",
  "float32 uint8": "bytesOfFloats",
  "float32 bool": "boolsOfFloats",
  "int32 int64": "longsOfIntegers",
  "int64 int32": "integersOfLongs",
  "int64 float32": "floatsOfLongs",
  "float32 int64": "longsOfFloats",
  "float32 float64": "doublesOfFloats",
  "float64 float32": "floatsOfDoubles",
  "bool int32": "integersOfBytes",
  "uint8 int32": "integersOfBytes",
  "bool int64": "longsOfBytes",
  "uint8 int64": "longsOfBytes",
};

/** The kernel's own conversion, if there is one and it can run here; `count` is how many elements there are. */
export function simdConverterOf(from: DType, to: DType, count: number): Convert | undefined {
  const name = kernels[`${from} ${to}`];
  if (name === undefined || count <= FEW || !wasmAvailable()) return undefined;
  return (target, at, source, first, n) => run(name, target, at, source, first, n);
}

function run(name: ConversionName, ...[to, at, from, first, count]: Parameters<Convert>): void {
  const engine = wasmEngine();
  const base = reserve(engine, AREA * 2);
  const convert = engine.kernels[name];
  const memory = new Uint8Array(engine.f32.buffer);
  const [toSize, fromSize] = [to.BYTES_PER_ELEMENT, from.BYTES_PER_ELEMENT];
  const start = from.byteOffset + first * fromSize;
  const source = new Uint8Array(from.buffer, start, count * fromSize);
  const target = new Uint8Array(to.buffer, to.byteOffset + at * toSize, count * toSize);
  for (let i = 0; i < count; i += CHUNK) {
    const n = Math.min(CHUNK, count - i);
    memory.set(source.subarray(i * fromSize, (i + n) * fromSize), base + AREA);
    convert(base, base + AREA, n);
    target.set(memory.subarray(base, base + n * toSize), i * toSize);
  }
}
