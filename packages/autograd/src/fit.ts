// A gradient made to fit what it is a gradient of: summed where it was broadcast, cast, moved.
import { ShapeError, sameShape, type Tensor } from "@tead/tensor";
import type { Gradient, Node } from "./node.ts";
import { type InputSpec, Spec } from "./spec.ts";

export function fitted(grad: Gradient, spec: InputSpec, node: Node): Gradient {
  if (grad === undefined || !(spec instanceof Spec)) return undefined;
  let result: Tensor = grad;
  if (!sameShape(result.shape, spec.shape)) {
    if (!isBroadcast(spec.shape, result.shape)) throw shapeMismatch(grad, spec, node);
    result = result.sumToSize(spec.shape);
  }
  if (result.dtype !== spec.dtype) result = result.to(spec.dtype);
  return result.device === spec.device ? result : result.to(spec.device);
}

/** Whether `from` broadcasts to `to`. */
function isBroadcast(from: readonly number[], to: readonly number[]): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((size, i) => size === 1 || size === to[i + lead]);
}

function shapeMismatch(grad: Tensor, spec: Spec, node: Node): Error {
  return new ShapeError(
    `${node.name}: Gradient does not fit: expected a shape that sums to [${spec.shape.join(", ")}], ` +
      `received [${grad.shape.join(", ")}]`,
  );
}
