// Every differentiable op of the table passes gradcheck and gradgradcheck.
import { gradcheck, gradgradcheck } from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { type AnyOp, dispatch, isFloat, ops, setDefaultDevice, Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import type { Sample } from "./op-samples.ts";

setDefaultDevice(cpu());
// Samples are tensors: they need the device.
const { samples } = await import("./op-samples.ts");

const differentiable = (Object.values(ops) as readonly object[]).filter(
  (op): op is AnyOp =>
    "gradient" in op &&
    op.gradient !== "nonDifferentiable" &&
    "kind" in op &&
    op.kind !== "dynamic",
);

const isLeaf = (x: unknown): x is Tensor => x instanceof Tensor && x.requiresGrad;

/** A sample as a function of its operands that require grad. */
function asFunction(
  op: AnyOp,
  [operands, attrs = {}]: Sample,
): [(...leaves: Tensor[]) => Tensor[], Tensor[]] {
  const fn = (...leaves: Tensor[]): Tensor[] => {
    const queue = [...leaves];
    const place = (x: unknown): unknown =>
      Array.isArray(x) ? x.map(place) : isLeaf(x) ? queue.shift() : x;
    const outputs = dispatch(op as never, operands.map(place) as never, attrs as never);
    return ([outputs].flat() as Tensor[]).filter(({ dtype }) => isFloat(dtype));
  };
  return [fn, operands.flat().filter(isLeaf)];
}

test("every differentiable op has a sample", () => {
  const missing = differentiable.map(({ name }) => name).filter((name) => !(name in samples));
  expect(missing).toEqual([]);
  const unknown = Object.keys(samples).filter(
    (name) => !differentiable.some((op) => op.name === name),
  );
  expect(unknown).toEqual([]);
});

const sampled = differentiable.filter(({ name }) => (samples[name] ?? []).length > 0);

describe.each(sampled.map((op) => [op.name, op] as const))("%s", (name, op) => {
  for (const [i, sample] of (samples[name] ?? []).entries()) {
    test(`sample ${i} has the right first and second derivatives`, () => {
      const [fn, leaves] = asFunction(op, sample);
      expect(leaves.length).toBeGreaterThan(0);
      expect(gradcheck(fn, leaves)).toBe(true);
      expect(gradgradcheck(fn, leaves)).toBe(true);
    });
  }
});
