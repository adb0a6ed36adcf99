import { cpu } from "@tead/backend-cpu";
import {
  arange,
  type Backend,
  contractNumber,
  dtypes,
  makeArray,
  ops,
  setDefaultDevice,
  type Tensor,
  type TypedArray,
  tensor,
} from "@tead/tensor";
import { erf, erfc, fusedRules, referenceKernels } from "@tead/tensor/kernel-kit";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

/** A device of the reference kernels alone: every fusable op runs by its decomposition. */
const plain: Backend = {
  name: "plain",
  contract: contractNumber,
  capabilities: { syncRead: true, dtypes, generator: "mt19937" },
  allocate: makeArray,
  free: () => {},
  write: (buffer, offset, data) => (buffer as TypedArray).set(data as never, offset),
  read: async (buffer, offset, count) => (buffer as TypedArray).slice(offset, offset + count),
  readSync: (buffer, offset, count) => (buffer as TypedArray).slice(offset, offset + count),
  kernels: referenceKernels(),
};

describe.each([
  ["cpu", cpu()],
  ["the reference kernels", plain],
] as const)("on %s, inputs and outputs may share memory", (_, device) => {
  const line = (): Tensor => arange(8, { device, dtype: "float32" });

  test("an output that overlaps its input is as if the input were read first", () => {
    const forward = line();
    forward.narrow(0, 1, 7).copy_(forward.narrow(0, 0, 7));
    expect(forward.tolistSync()).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
    const backward = line();
    backward.narrow(0, 0, 7).copy_(backward.narrow(0, 1, 7));
    expect(backward.tolistSync()).toEqual([1, 2, 3, 4, 5, 6, 7, 7]);
    const sum = line();
    sum.narrow(0, 1, 7).add_(sum.narrow(0, 0, 7));
    expect(sum.tolistSync()).toEqual([0, 1, 3, 5, 7, 9, 11, 13]);
    const down = line();
    down.narrow(0, 0, 7).sub_(down.narrow(0, 1, 7));
    expect(down.tolistSync()).toEqual([-1, -1, -1, -1, -1, -1, -1, 7]);
  });

  test("a matrix may be added to its own transpose in place", () => {
    const x = line().reshape([2, 4]).narrow(1, 0, 2);
    x.add_(x.t());
    expect(x.tolistSync()).toEqual([
      [0, 5],
      [5, 10],
    ]);
    const y = arange(4, { device, dtype: "float32" }).reshape([2, 2]);
    y.copy_(y.t());
    expect(y.tolistSync()).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  test("a matrix product, a reduction and a gather may write what they read", () => {
    const x = arange(4, { device, dtype: "float32" }).reshape([2, 2]);
    x.copy_(x.matmul(x));
    expect(x.tolistSync()).toEqual([
      [2, 3],
      [6, 11],
    ]);
    const y = line();
    y.scatter_(0, tensor([1, 2, 3], { device }), y.narrow(0, 0, 3));
    expect(y.tolistSync()).toEqual([0, 0, 1, 2, 4, 5, 6, 7]);
    const z = line();
    z.indexAdd_(0, tensor([0, 0], { device }), z.narrow(0, 6, 2));
    expect(z.tolistSync()).toEqual([13, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("a condition, or a scalar view of the tensor itself, may be an operand", () => {
    const x = line();
    x.sub_(x.select(0, 3));
    expect(x.tolistSync()).toEqual([-3, -2, -1, 0, 1, 2, 3, 4]);
    const y = line();
    y.mul_(y.narrow(0, 2, 1));
    expect(y.tolistSync()).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
  });

  test("an int32 result beyond the dtype is refused, and the tensor stays as it was", () => {
    const x = tensor([1, 2147483647, 3], { device });
    expect(() => x.add_(1)).toThrow(/^add: Integer overflows: .*position 1/);
    expect(x.tolistSync()).toEqual([1, 2147483647, 3]);
    expect(() => x.mul(2)).toThrow(/^mul: Integer overflows/);
    expect(() => x.sum()).toThrow(/^sum: Integer overflows/);
    expect(() => x.cumsum(0)).toThrow(/^cumsum: Integer overflows/);
    expect(() => tensor([-2147483648], { device }).neg()).toThrow(/^neg: Integer overflows/);
    expect(() => x.floorDivide(0)).toThrow(/^floorDivide: Integer is divided by 0/);
    expect(tensor([127], { device, dtype: "int8" }).add(1).itemSync()).toBe(-128);
    expect(tensor([250], { device, dtype: "uint8" }).mul(2).itemSync()).toBe(244);
    expect(
      tensor([2n ** 62n], { device })
        .mul(3)
        .itemSync(),
    ).toBe(-(2n ** 62n));
  });

  test("an index is checked before anything is written", () => {
    const x = line();
    expect(() => x.scatter_(0, tensor([0, 8], { device }), -1)).toThrow(
      /^scatter: Index is out of range: expected an index within the dim's size.*position 1/,
    );
    expect(x.tolistSync()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(() => x.gather(0, tensor([-9], { device }))).toThrow(/^gather: Index is out of range/);
    expect(x.gather(0, tensor([-1], { device })).tolistSync()).toEqual([7]);
  });
});

test("every primitive has a reference kernel, and every fused rule a fusable op", () => {
  const kernels = referenceKernels() as Readonly<Record<string, unknown>>;
  const table = Object.values(ops) as readonly { readonly kind?: string; readonly name: string }[];
  const primitives = table.filter((op) => op.kind === "primitive").map((op) => op.name);
  expect(Object.keys(kernels).sort()).toEqual(primitives.sort());
  const fusable = table.filter((op) => op.kind === "fusable").map((op) => op.name);
  expect(Object.keys(fusedRules).filter((name) => !fusable.includes(name))).toEqual([]);
});

test("erf() and erfc() are odd and complementary, and agree where their formulas meet", () => {
  for (const x of [0, 0.3, 0.5, 1.9, 2, 2.39, 2.4, 2.41, 5.9, 6.1]) {
    expect(erf(-x)).toBe(-erf(x));
    expect(erf(x) + erfc(x)).toBeCloseTo(1, 14);
  }
  expect(erf(2.4 - 1e-9)).toBeLessThan(erf(2.4 + 1e-9));
  expect(erfc(10)).toBeCloseTo(2.088487583762545e-45, 55);
});
