import { type Backend, setDefaultDevice, type TypedArray, zeros } from "@tead/tensor";
import { afterAll, describe, expect, test } from "vitest";
import { BufferPool } from "../src/buffer-pool.ts";
import { cpu } from "../src/index.ts";

afterAll(() => setDefaultDevice(undefined));

describe("the buffer pool", () => {
  test("hands a freed array out again, for the same dtype and count only", () => {
    const pool = new BufferPool();
    const array = pool.take("float32", 2000);
    pool.give(array);
    expect(pool.info()).toEqual({ bytes: 8000, arrays: 1 });
    expect(pool.take("int32", 2000)).not.toBe(array);
    expect(pool.take("float32", 2001)).not.toBe(array);
    expect(pool.take("float32", 2000)).toBe(array);
    expect(pool.info()).toEqual({ bytes: 0, arrays: 0 });
    expect(pool.take("float32", 2000)).not.toBe(array);
  });

  test("gives float16 and bfloat16 each other's arrays, which hold the same patterns", () => {
    const pool = new BufferPool();
    const array = pool.take("float16", 4000);
    pool.give(array);
    expect(pool.take("bfloat16", 4000)).toBe(array);
  });

  test("leaves small arrays to the collector", () => {
    const pool = new BufferPool();
    pool.give(pool.take("float64", 4));
    expect(pool.info().arrays).toBe(0);
  });

  test("cuts small float32 arrays from a slab, side by side and zeroed", () => {
    const pool = new BufferPool();
    const [a, b] = [pool.take("float32", 100), pool.take("float32", 100)];
    a.fill(7 as never);
    expect(b.every((x) => x === 0)).toBe(true);
    const shared = Array.from({ length: 50 }, () => pool.take("float32", 100));
    // 50 arrays of 400 bytes lie in slabs of 16 KB.
    expect(new Set(shared.map(({ buffer }) => buffer)).size).toBeLessThanOrEqual(3);
    expect(shared.every((array) => array.length === 100)).toBe(true);
    expect(pool.take("float32", 513).byteLength).toBe(pool.take("float32", 513).buffer.byteLength);
  });

  test("drops what was used longest ago beyond its limit", () => {
    const pool = new BufferPool(20_000);
    const [a, b, c] = [2000, 2001, 1900].map((count) => pool.take("float32", count)) as [
      TypedArray,
      TypedArray,
      TypedArray,
    ];
    pool.give(a);
    pool.give(b);
    pool.give(c);
    expect(pool.info().arrays).toBe(2);
    expect(pool.take("float32", 2000)).not.toBe(a);
    expect(pool.take("float32", 2001)).toBe(b);
    expect(pool.take("float32", 1900)).toBe(c);
  });
});

test("a disposed tensor's memory serves the next one, which is still filled entirely", () => {
  setDefaultDevice(cpu());
  const first = zeros([5000]);
  const { buffer } = first;
  first.fill_(7);
  first[Symbol.dispose]();
  const second = zeros([5000]);
  expect(second.buffer).toBe(buffer);
  expect(second.abs().sum().itemSync()).toBe(0);
  const device: Backend = cpu();
  expect(device.name).toBe("cpu");
});
