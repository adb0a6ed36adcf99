// Recording what runs: dispatch asks the profiler in `runtime` to measure each op.
import { type OpProfiler, runtime } from "../context.ts";
import { byteLengthOf } from "../dtype.ts";
import { StateError } from "../errors.ts";
import type { AnyOp, TensorSpec } from "../op.ts";
import type { RecordedInput } from "../recorder.ts";
import { numelOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { flopsOf } from "./flops.ts";
import { Profile, type ProfileEvent } from "./profile.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

class Profiler implements OpProfiler {
  readonly #events: Writable<ProfileEvent>[] = [];
  readonly #open: Writable<ProfileEvent>[] = [];
  readonly #began = performance.now();

  op(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    run: () => readonly Tensor[],
    target?: Tensor,
  ): readonly Tensor[] {
    const operands = inputs.flat() as (Tensor | number | undefined)[];
    const specs = operands.map((x) => (typeof x === "object" ? x : undefined));
    const event = this.#begin(
      op.name,
      "op",
      specs.map((spec) => spec?.shape),
    );
    const before = this.#events.length;
    let outputs: readonly Tensor[] = [];
    try {
      outputs = run();
    } finally {
      this.#end(event);
    }
    // A decomposition's ops have counted already.
    const whole = this.#events.length === before && op.kind !== "view";
    if (whole) {
      const read = new Set([target, ...specs].map((x) => x?.storage));
      event.bytes = outputs.reduce((sum, t) => sum + (read.has(t.storage) ? 0 : bytesOf(t)), 0);
      event.flops = flopsOf(op, specs, outputs);
    }
    return outputs;
  }

  range<R>(name: string, fn: () => R): R {
    const event = this.#begin(name, "function", []);
    let asynchronous = false;
    try {
      const result = fn();
      asynchronous = result instanceof Promise;
      return asynchronous
        ? ((result as Promise<unknown>).finally(() => this.#end(event)) as R)
        : result;
    } finally {
      if (!asynchronous) this.#end(event);
    }
  }

  finish(): Profile {
    while (this.#open.length > 0) this.#end(this.#open.at(-1) as ProfileEvent);
    return new Profile(this.#events, performance.now() - this.#began);
  }

  #begin(name: string, kind: ProfileEvent["kind"], shapes: ProfileEvent["shapes"]) {
    const start = performance.now() - this.#began;
    const event = { name, kind, start, time: 0, selfTime: 0, bytes: 0, flops: 0, shapes };
    this.#events.push(event);
    this.#open.push(event);
    return event;
  }

  #end(event: Writable<ProfileEvent>): void {
    const at = this.#open.lastIndexOf(event);
    if (at < 0) return; // ended with the profile
    this.#open.splice(at, 1);
    event.time = performance.now() - this.#began - event.start;
    event.selfTime += event.time;
    const outer = this.#open[at - 1];
    if (outer !== undefined) outer.selfTime -= event.time;
  }
}

const bytesOf = ({ shape, dtype }: TensorSpec): number => numelOf(shape) * byteLengthOf(dtype);

/**
 * Runs `fn` and tells what each op in it cost: calls, time, memory, floating-point operations. An
 * asynchronous `fn` gives a promise; what else runs meanwhile counts too.
 *
 * **Units**: times in ms, memory in bytes. On a GPU an op's time is what it takes to record, not to run.
 *
 * @throws {StateError} inside another profile
 * @see https://pytorch.org/docs/stable/profiler.html
 * @category Profiling
 * @example
 * import assert from "node:assert/strict";
 * import { ones, profile, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = ones([64, 64]);
 * const measured = profile(() => x.matmul(x).relu());
 * const [product, relu] = measured.keyAverages();
 * assert.equal(product?.flops, 2 * 64 ** 3);
 * assert.equal(relu?.bytes, 4 * 64 ** 2);
 * assert.match(measured.table(), /matmul/);
 */
export function profile(fn: () => Promise<unknown>): Promise<Profile>;
export function profile(fn: () => unknown): Profile;
export function profile(fn: () => unknown): Profile | Promise<Profile> {
  if (runtime.profiler !== undefined)
    throw new StateError("A profile is running already: expected one at a time", {
      hint: "name parts of it with recordFunction(name, fn)",
    });
  const profiler = new Profiler();
  runtime.profiler = profiler;
  const stop = (): void => {
    runtime.profiler = undefined;
  };
  let asynchronous = false;
  try {
    const result = fn();
    if (result instanceof Promise) {
      asynchronous = true;
      return result.then(() => profiler.finish()).finally(stop);
    }
    return profiler.finish();
  } finally {
    if (!asynchronous) stop();
  }
}

/**
 * Runs `fn` as a range of its own name in the profile around it; without one, just runs it.
 *
 * @see https://pytorch.org/docs/stable/autograd.html#torch.autograd.profiler.record_function
 * @category Profiling
 */
export function recordFunction<R>(name: string, fn: () => R): R {
  return runtime.profiler === undefined ? fn() : runtime.profiler.range(name, fn);
}
