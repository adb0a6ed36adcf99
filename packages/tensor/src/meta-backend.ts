// The meta device: shapes and dtypes without values. Every op checks its operands and computes
// nothing, so that a model's shapes can be seen, and its errors found, at no cost.
import { type Backend, contractNumber, type Kernels } from "./backend.ts";
import { dtypes } from "./dtype.ts";
import { UnsupportedError } from "./errors.ts";

/** Every op has a kernel that does nothing, those of third parties included. */
const kernels = new Proxy({} as Kernels, { get: () => () => {}, has: () => true });

function refuse(): never {
  throw new UnsupportedError("meta: Tensor has no values: expected a device that computes", {
    hint: "make the tensor on another device; a meta tensor shows its shape and dtype only",
  });
}

const device: Backend = {
  name: "meta",
  contract: contractNumber,
  capabilities: { syncRead: false, dtypes, generator: "mt19937" },
  kernels,
  allocate: () => null,
  free: () => {},
  write: () => {},
  read: async () => refuse(),
};

/**
 * The meta device: tensors with a shape and a dtype and no values. Ops on them check and infer as
 * everywhere, and compute nothing. Reading values throws.
 *
 * @see https://pytorch.org/docs/stable/meta.html
 * @category Device
 * @example
 * import assert from "node:assert/strict";
 * import { meta, zeros } from "@tead/tensor";
 * const x = zeros([64, 1000], { device: meta() });
 * const weight = zeros([1000, 10], { device: meta() });
 * assert.deepEqual(x.matmul(weight).softmax(1).shape, [64, 10]);
 * assert.equal(x.toString(), "tensor(..., device=meta, size=(64, 1000))");
 */
export function meta(): Backend {
  return device;
}
