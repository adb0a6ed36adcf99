// Draws that the device makes itself, where it has a stream of its own. The generator names the
// stream by 64 of its bits, so that a seed, a state and a clone repeat there what they repeat here.
import type { Backend, Draw } from "../backend.ts";
import { runtime } from "../context.ts";
import { tensorOver } from "../dispatch.ts";
import type { Generator } from "../generator.ts";
import { contiguousStrides, numelOf, type Shape } from "../shape.ts";
import { Storage } from "../storage.ts";
import type { Tensor } from "../tensor.ts";

/** Fills a contiguous float32 tensor; false where the device has no draws of its own. @internal */
export function drawnInto(
  target: Tensor,
  draw: Draw,
  generator: Generator = runtime.generator,
): boolean {
  const { device } = target;
  if (device.draw === undefined) return false;
  device.draw(target, draw, [generator.random(), generator.random()]);
  target.storage.version++;
  return true;
}

/** A float32 tensor of such draws; undefined where the host has to draw. @internal */
export function drawnThere(
  device: Backend,
  shape: Shape,
  draw: Draw,
  generator?: Generator,
): Tensor | undefined {
  if (device.draw === undefined) return undefined;
  const storage = new Storage(device, "float32", numelOf(shape));
  const fresh = tensorOver(storage, { shape, strides: contiguousStrides(shape), offset: 0 });
  drawnInto(fresh, draw, generator);
  return fresh;
}
