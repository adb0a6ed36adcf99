// The places where packed weights are kept: who gets one, whose is taken, and that the limit holds.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Engine, setWasmBuild, wasmEngine } from "../../src/wasm/engine.ts";
import * as weights from "../../src/wasm/packed-weights.ts";

const bytes = 20_000;
/** What a place of so many bytes takes: whole cache lines. */
const whole = 20_032;
let engine: Engine;

beforeEach(() => {
  setWasmBuild("auto");
  engine = wasmEngine();
});
afterEach(() => weights.setPackedWeightsLimit(256 * 2 ** 20));

const ask = (owner: weights.Owner, key = "a"): weights.Packed | undefined =>
  weights.packedWeight(engine, owner, key, bytes);
const make = (): Float32Array => new Float32Array(2000);

test("a weight gets a place the second time, and keeps it", () => {
  const owner = make();
  expect(ask(owner)).toBeUndefined();
  const packed = ask(owner) as weights.Packed;
  expect(packed.ready).toBe(false);
  packed.ready = true;
  expect(ask(owner)).toBe(packed);
  expect(packed.address % 64).toBe(0);
  expect(engine.base).toBe(packed.address + whole);
});

test("forms of one weight have places of their own, and a write takes them all", () => {
  const owner = make();
  for (const key of ["a", "b", "a", "b"]) ask(owner, key);
  expect(ask(owner, "a")?.address).not.toBe(ask(owner, "b")?.address);
  expect(weights.packedWeightsBytes(engine)).toBe(2 * whole);
  weights.forgetPacked(owner);
  expect(weights.packedWeightsBytes(engine)).toBe(0);
  expect(ask(owner, "a")).toBeUndefined();
});

test("places that were given back are joined and used again", () => {
  const owners = [make(), make(), make()];
  for (const owner of [...owners, ...owners]) ask(owner);
  const { base } = engine;
  const first = ask(owners[0] as Float32Array)?.address as number;
  for (const i of [0, 2, 1]) weights.forgetPacked(owners[i] as Float32Array);
  const large = make();
  weights.packedWeight(engine, large, "large", 3 * whole);
  expect(weights.packedWeight(engine, large, "large", 3 * whole)?.address).toBe(first);
  expect(engine.base).toBe(base);
});

test("weights that take turns keep what fits, the others get no place", () => {
  weights.setPackedWeightsLimit(2 * whole);
  const owners = [make(), make(), make()];
  for (let pass = 0; pass < 4; pass++) for (const owner of owners) ask(owner);
  const there = owners.map((owner) => ask(owner) !== undefined);
  expect(there).toEqual([true, true, false]);
  expect(weights.packedWeightsBytes(engine)).toBe(2 * whole);
});

test("a weight that nobody asks for makes room, the one asked for longest ago first", () => {
  weights.setPackedWeightsLimit(2 * whole);
  const [old, older, fresh] = [make(), make(), make()];
  for (const owner of [older, old, older, old]) ask(owner);
  const place = ask(older)?.address;
  ask(old);
  expect(ask(fresh)).toBeUndefined();
  expect(ask(fresh)?.address).toBe(place);
  expect(ask(old)).toBeDefined();
  expect(ask(older)).toBeUndefined();
});

test("with a limit of 0 nothing is kept", () => {
  weights.setPackedWeightsLimit(0);
  const owner = make();
  for (let i = 0; i < 3; i++) expect(ask(owner)).toBeUndefined();
});

test("buffers whose writes are not looked up own nothing, however much is packed", () => {
  const owner = new Float32Array(1023);
  for (let i = 0; i < 3; i++) expect(ask(owner)).toBeUndefined();
});

test("small weights, and those of nobody, are never kept", () => {
  const owner = make();
  for (let i = 0; i < 3; i++) {
    expect(weights.packedWeight(engine, owner, "a", 1000)).toBeUndefined();
    expect(weights.packedWeight(engine, undefined, "a", bytes)).toBeUndefined();
  }
});

test("a memory of its own for each engine", () => {
  const owner = make();
  ask(owner);
  expect(ask(owner)).toBeDefined();
  const first = engine;
  setWasmBuild("plain");
  engine = wasmEngine();
  expect(ask(owner)).toBeUndefined();
  expect(ask(owner)).toBeDefined();
  expect(weights.packedWeight(first, owner, "a", bytes)).toBeDefined();
  expect(ask(owner)).toBeDefined();
  weights.forgetPacked(owner);
  expect([first, engine].map(weights.packedWeightsBytes)).toEqual([0, 0]);
});

test("the collector takes the place with the buffer", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  (() => {
    const owner = make();
    ask(owner);
    ask(owner);
  })();
  expect(weights.packedWeightsBytes(engine)).toBe(whole);
  for (let i = 0; i < 20 && weights.packedWeightsBytes(engine) > 0; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(weights.packedWeightsBytes(engine)).toBe(0);
});

test("a limit that is no number of bytes is refused", () => {
  const text = "setPackedWeightsLimit: Cannot keep -1 bytes: expected a number from 0 on";
  expect(() => weights.setPackedWeightsLimit(-1)).toThrow(new RangeError(text));
  expect(() => weights.setPackedWeightsLimit(Number.NaN)).toThrow(/Cannot keep NaN bytes/);
});
