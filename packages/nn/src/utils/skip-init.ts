// Modules without first values, for weights that are loaded in any case.
import { type Backend, getDefaultDevice, meta } from "@tead/tensor";
import type { AnyModule } from "../module/module.ts";

/** A module's options as far as they say where it lives. */
export interface Initialized {
  readonly device?: Backend;
}

/**
 * Makes a module whose parameters and buffers have storage but no values: nothing is drawn or
 * computed. The class must take `device` among the options that come last.
 *
 * @param Class - The module's class.
 * @param args - What its constructor takes; options, if given, come last.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.skip_init.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { manualSeed, rand, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * manualSeed(0);
 * const [next] = [rand([1]).itemSync(), manualSeed(0)];
 * const layer = utils.skipInit(Linear, 3, 2, { bias: false });
 * assert.deepEqual(layer.weight.shape, [2, 3]);
 * assert.equal(rand([1]).itemSync(), next);
 */
export function skipInit<A extends readonly unknown[], M extends AnyModule>(
  Class: new (...args: A) => M,
  ...args: A
): M {
  const last = args.at(-1);
  const given = typeof last === "object" && last !== null && !Array.isArray(last);
  const options = (given ? last : {}) as Initialized;
  const rest = given ? args.slice(0, -1) : args;
  const device = options.device ?? getDefaultDevice();
  const whole = [...rest, { ...options, device: meta() }] as unknown as A;
  return new Class(...whole).toEmpty(device);
}
