import { cpu } from "@tead/backend-cpu";
import { arange, type Backend, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

const { readSync: _, ...rest } = cpu();
/** The CPU without synchronous reads, as a GPU is. */
const slow: Backend = {
  ...rest,
  name: "slow",
  capabilities: { ...rest.capabilities, syncRead: false },
};

test("ops whose size depends on values run on a device that cannot be read at once", async () => {
  const x = arange(6, { device: slow }).reshape([2, 3]);
  const mask = x.remainder(2).eq(0);
  expect(await (await x.maskedSelect(mask)).tolist()).toEqual([0, 2, 4]);
  expect(await (await mask.nonzero()).tolist()).toEqual([
    [0, 0],
    [0, 2],
    [1, 1],
  ]);
  const { values, inverse, counts } = await x.floorDivide(4).unique();
  expect(await values.tolist()).toEqual([0, 1]);
  expect(await inverse.tolist()).toEqual([
    [0, 0, 0],
    [0, 1, 1],
  ]);
  expect(await counts.tolist()).toEqual([4, 2]);
  expect(values.device).toBe(slow);
  expect(() => x.maskedSelectSync(mask)).toThrow("write await t.data()");
});

test("masks write without being read", async () => {
  const x = arange(4, { device: slow, dtype: "float32" });
  x.maskedFill_(x.gt(1), -1);
  expect(await x.tolist()).toEqual([0, 1, -1, -1]);
  const y = x.maskedScatter(x.lt(0), tensor([7.5, 8.5], { device: slow }));
  expect(await y.tolist()).toEqual([0, 1, 7.5, 8.5]);
});

test("maskedScatter() with too few elements is refused where values can be read", () => {
  expect(() => zeros([3]).maskedScatter(tensor([true, true, true]), zeros([2]))).toThrow(
    /^indexSelect: Index is out of range/,
  );
});

test("what follows an await keeps the grad mode of the call", async () => {
  const { noGrad, isGradEnabled } = await import("@tead/tensor");
  const { continuation } = await import("../src/dynamic.ts");
  const resume = noGrad(() => continuation());
  await Promise.resolve();
  expect(isGradEnabled()).toBe(true);
  expect(resume(isGradEnabled)).toBe(false);
});

test("unique() puts NaN last, each for itself, and keeps runs apart when consecutive", () => {
  const x = tensor([Number.NaN, 1.5, Number.NaN, 1.5, 0.5]);
  const { values, counts } = x.uniqueSync();
  expect(values.tolistSync()).toEqual([0.5, 1.5, Number.NaN, Number.NaN]);
  expect(counts.tolistSync()).toEqual([1, 2, 1, 1]);
  expect(tensor([1, 1, 2, 1]).uniqueConsecutiveSync().values.tolistSync()).toEqual([1, 2, 1]);
});

test("equal() and allclose() answer with a boolean, awaited or at once", async () => {
  const [a, b] = [tensor([1, 2]), tensor([1, 2.00001])];
  expect(await a.equal(a.clone())).toBe(true);
  expect(a.equalSync(b)).toBe(false);
  expect(await a.equal(tensor([[1, 2]]))).toBe(false);
  expect(await a.allclose(b)).toBe(true);
  expect(a.allcloseSync(b, { rtol: 1e-7 })).toBe(false);
});
