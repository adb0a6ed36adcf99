// Elementwise float32 kernels: operands pass through scratch memory in chunks that stay in the first-level cache. The twins,
// with the formulas, are in src/twins/elementwise.ts.
import * as twins from "../twins/elementwise.ts";
import { reserve, wasmEngine } from "./engine.ts";
import type { BinaryName, CompareName, ScalarName, UnaryName } from "./exports.ts";
import { dense, mapChunks } from "./operands.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Floats of each operand in a chunk; the second lies off the cache's period from the first. */
const CHUNK = 4096;
const APART = CHUNK + 272;

const scratch = (): [engine: ReturnType<typeof wasmEngine>, a: number, b: number] => {
  const engine = wasmEngine();
  const base = reserve(engine, APART * 8) >> 2;
  return [engine, base, base + APART];
};

/** Two arrays: `binaryF32.add(out, outOffset, a, aOffset, b, bOffset, count)`. */
export const binaryF32: Readonly<Record<BinaryName, twins.BinaryF32>> = twins.mapNames(
  twins.binaryF32,
  (name): twins.BinaryF32 =>
    (out, outOffset, a, aOffset, b, bOffset, count) => {
      const [engine, atA, atB] = scratch();
      const kernel = engine.kernels[name];
      for (let i = 0; i < count; i += CHUNK) {
        const n = Math.min(CHUNK, count - i);
        copyIn(engine, atA, a, aOffset + i, n);
        copyIn(engine, atB, b, bOffset + i, n);
        kernel(atA * 4, atA * 4, atB * 4, n);
        copyOut(engine, atA, out, outOffset + i, n);
      }
    },
);

/** An array and a number: `scalarF32.mulScalar(out, outOffset, a, aOffset, scalar, count)`. */
export const scalarF32: Readonly<Record<ScalarName, twins.ScalarF32>> = twins.mapNames(
  twins.scalarF32,
  (name): twins.ScalarF32 =>
    (out, outOffset, a, aOffset, scalar, count) => {
      const [engine, at] = scratch();
      const kernel = engine.kernels[name];
      for (let i = 0; i < count; i += CHUNK) {
        const n = Math.min(CHUNK, count - i);
        copyIn(engine, at, a, aOffset + i, n);
        kernel(at * 4, at * 4, scalar, n);
        copyOut(engine, at, out, outOffset + i, n);
      }
    },
);

/** One array: `unaryF32.exp(out, outOffset, a, aOffset, count)`. */
export const unaryF32: Readonly<Record<UnaryName, twins.UnaryF32>> = twins.mapNames(
  twins.unaryF32,
  (name): twins.UnaryF32 =>
    (out, outOffset, a, aOffset, count) => {
      const [engine, at] = scratch();
      const kernel = engine.kernels[name];
      for (let i = 0; i < count; i += CHUNK) {
        const n = Math.min(CHUNK, count - i);
        copyIn(engine, at, a, aOffset + i, n);
        kernel(at * 4, at * 4, n);
        copyOut(engine, at, out, outOffset + i, n);
      }
    },
);

/** Two arrays, compared: `compareF32.lt(out, outOffset, a, aOffset, b, bOffset, count)`. */
export const compareF32: Readonly<Record<CompareName, twins.CompareF32>> = twins.mapNames(
  twins.compareF32,
  (name): twins.CompareF32 =>
    (out, outOffset, a, aOffset, b, bOffset, count) => {
      const kernel = wasmEngine().kernels[name];
      mapChunks(
        (to, x, y, _, n) => kernel(to, x, y, n),
        out,
        outOffset,
        [dense(a, aOffset, count), dense(b, bOffset, count)],
        count,
      );
    },
);
