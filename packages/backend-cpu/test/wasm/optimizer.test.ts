// The optimizers' updates against PyTorch's own steps and against their twins: equal to the bit.
import { describe, expect, it } from "vitest";
import type { F32Slice } from "../../src/twins/batch-norm.ts";
import * as twins from "../../src/twins/optimizer.ts";
import * as simd from "../../src/wasm/optimizer.ts";
import fixture from "../fixtures/optimizer.json" with { type: "json" };
import { describeBuilds, uniform, worstError } from "./support.ts";

type Library = Pick<typeof twins, "sgdStepF32" | "adamStepF32">;

/** Options as the fixture spells them, PyTorch's defaults filled in. */
interface Options {
  readonly lr: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly nesterov?: boolean;
  readonly weight_decay?: number;
  readonly maximize?: boolean;
  readonly betas?: readonly number[];
  readonly eps?: number;
  readonly amsgrad?: boolean;
}

const decode = (text: string): Float32Array => {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
};

const slice = (data: Float32Array, offset = 0): F32Slice => ({ data, offset });

/** Runs the fixture's steps from `start`; what PyTorch calls the state is returned under its names. */
const train = (
  lib: Library,
  optimizer: string,
  o: Options,
  start: Float32Array,
  grads: Float32Array[],
): Record<string, Float32Array> => {
  const param = start.slice();
  const zeros = () => new Float32Array(param.length);
  const shared = { lr: o.lr, maximize: o.maximize ?? false };
  if (optimizer === "SGD") {
    const momentum = o.momentum ?? 0;
    const buffer = momentum === 0 ? undefined : zeros();
    grads.forEach((grad, i) => {
      lib.sgdStepF32(slice(param), slice(grad), buffer && slice(buffer), param.length, {
        ...shared,
        ...{ momentum, dampening: o.dampening ?? 0, nesterov: o.nesterov ?? false },
        ...{ weightDecay: o.weight_decay ?? 0, first: i === 0 },
      });
    });
    return buffer ? { param, momentum_buffer: buffer } : { param };
  }
  const [average, square] = [zeros(), zeros()];
  const largest = o.amsgrad ? zeros() : undefined;
  const decoupled = optimizer === "AdamW";
  const [beta1 = 0, beta2 = 0] = o.betas ?? [0.9, 0.999];
  grads.forEach((grad, i) => {
    const most = largest && slice(largest);
    lib.adamStepF32(slice(param), slice(grad), slice(average), slice(square), most, param.length, {
      ...{ ...shared, beta1, beta2, eps: o.eps ?? 1e-8, decoupled, step: i + 1 },
      weightDecay: o.weight_decay ?? (decoupled ? 0.01 : 0),
    });
  });
  const state = { param, exp_avg: average, exp_avg_sq: square };
  return largest ? { ...state, max_exp_avg_sq: largest } : state;
};

const eachCase = (lib: Library): void => {
  for (const { optimizer, options, param, state } of fixture.cases) {
    it(`${optimizer} with ${JSON.stringify(options)} takes PyTorch's steps bit for bit`, () => {
      const actual = train(
        lib,
        optimizer,
        options,
        decode(fixture.start),
        fixture.grads.map(decode),
      );
      const expected: Record<string, string | undefined> = { param, ...state };
      const names = Object.keys(expected).filter((name) => expected[name] !== undefined);
      for (const name of names) expect(actual[name], name).toEqual(decode(expected[name] ?? ""));
      expect(Object.keys(actual).sort()).toEqual(
        names.map((name) => name.replace("max_exp_avg_sqs", "max_exp_avg_sq")).sort(),
      );
    });
  }
};

describe("optimizer twins", () => eachCase(twins));

describeBuilds("optimizer kernels", () => {
  eachCase(simd);

  it("agree with their twins bit for bit over many chunks, whatever the options", () => {
    const count = 5003;
    const start = uniform(count, 1);
    const grads = [uniform(count, 2, -5, 5), uniform(count, 3), uniform(count, 4, -1e-5, 1e-5)];
    (grads[1] as Float32Array)[77] = Number.NaN;
    (grads[2] as Float32Array)[78] = Infinity;
    for (const { optimizer, options } of fixture.cases) {
      const expected = train(twins, optimizer, options, start, grads);
      const actual = train(simd, optimizer, options, start, grads);
      for (const name of Object.keys(expected)) {
        const [a, e] = [actual[name] ?? [], expected[name] ?? []];
        expect(worstError(a, e), `${optimizer} ${JSON.stringify(options)} ${name}`).toBe(0);
      }
    }
  });

  it("touch only the elements asked for", () => {
    const [param, grad, buffer] = [uniform(20, 1), uniform(20, 2), uniform(20, 3)];
    const before = [param.slice(), buffer.slice()] as const;
    const options = { lr: 1, momentum: 0.5, dampening: 0, weightDecay: 0 };
    simd.sgdStepF32(slice(param, 3), slice(grad, 1), slice(buffer, 7), 5, {
      ...{ ...options, nesterov: false, maximize: false, first: false },
    });
    const same = (a: Float32Array, b: Float32Array) => [...a].map((v, i) => v === b[i]);
    expect(same(param, before[0]).map((is, i) => is === (i < 3 || i >= 8))).not.toContain(false);
    expect(same(buffer, before[1]).map((is, i) => is === (i < 7 || i >= 12))).not.toContain(false);
  });
});

describeBuilds("RMSprop and Adagrad", () => {
  for (const count of [1, 5, 2048, 5000])
    it(`update ${count} elements as their twins do, to the bit`, () => {
      const start = () => [1, 2, 3, 4, 5].map((seed) => uniform(count + 3, seed, 0.1, 1));
      for (const more of [{}, { weightDecay: 0.1, maximize: true }]) {
        const attrs = {
          lr: 0.1,
          alpha: 0.9,
          eps: 1e-8,
          weightDecay: 0,
          momentum: 0.5,
          maximize: false,
        };
        for (const [centered, withMomentum] of [
          [false, false],
          [true, true],
        ]) {
          const [expected, actual] = [twins, simd].map((lib) => {
            const arrays = start();
            const [p, g, v, m, b] = arrays.map((data) => slice(data, 3)) as [
              F32Slice,
              F32Slice,
              F32Slice,
              F32Slice,
              F32Slice,
            ];
            const options = { ...attrs, ...more };
            const mean = centered ? m : undefined;
            const buffer = withMomentum ? b : undefined;
            lib.rmspropStepF32(p, g, v, mean, buffer, count, options);
            lib.adagradStepF32(p, g, v, count, { ...options, rate: 0.05 });
            return arrays;
          });
          expect(actual).toEqual(expected);
        }
      }
    });
});
