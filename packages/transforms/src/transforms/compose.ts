// Transforms made of other transforms and of functions.
import type { Transform, TransformLike } from "../transform.ts";
import { applyTransform } from "../transform.ts";
import type { Subject } from "./subject.ts";

type AnyTransform = TransformLike<never, unknown>;

/** A transform that returns what it is given: an image for an image, a tensor for a tensor. */
interface SameKind {
  forward<S extends Subject>(input: S): S;
}

/** Transforms inside of a transform: they count as if they stood in its place. */
interface Nested<Inner extends readonly unknown[]> {
  readonly transforms: Inner;
}

/** What comes out where a transform is given something that it does not take. */
export interface Misfit<Given, Taken> {
  readonly given: Given;
  readonly taken: Taken;
}

/** What the first of `Ts` takes. */
export type InputOf<Ts> = Ts extends readonly [infer First, ...infer Rest]
  ? First extends Nested<infer Inner>
    ? InputOf<[...Inner, ...Rest]>
    : First extends SameKind
      ? InputOf<Rest>
      : First extends TransformLike<infer In, unknown>
        ? In
        : never
  : Subject;

/** What the last of `Ts` returns when the first is given `In`; a {@link Misfit} if two do not fit each other. */
export type OutputOf<Ts, In> = Ts extends readonly [infer First, ...infer Rest]
  ? First extends Nested<infer Inner>
    ? OutputOf<[...Inner, ...Rest], In>
    : First extends SameKind
      ? OutputOf<Rest, In>
      : First extends TransformLike<infer Taken, infer Out>
        ? [In] extends [Taken]
          ? OutputOf<Rest, Out>
          : Misfit<In, Taken>
        : never
  : In;

/**
 * Several transforms, one after the other.
 *
 * @param transforms - Transforms or functions; the types must fit from one to the next.
 * @throws TypeError if one is neither.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.Compose.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, type Tensor } from "@tead/tensor";
 * import { Compose, ToTensor } from "@tead/transforms";
 * import { Image } from "@tead/transforms/image";
 * setDefaultDevice(cpu());
 * const transform = new Compose([new ToTensor(), (x: Tensor) => x.mul(2)]);
 * const image = new Image(Uint8Array.of(0, 255), 1, 2);
 * assert.deepEqual(await transform.forward(image).tolist(), [[[0, 2]]]);
 */
export class Compose<const Ts extends readonly AnyTransform[]>
  implements Transform<InputOf<Ts>, OutputOf<Ts, InputOf<Ts>>>
{
  readonly transforms: Ts;

  constructor(transforms: Ts) {
    for (const [i, each] of transforms.entries()) {
      if (typeof each !== "function" && typeof each?.forward !== "function") {
        throw new TypeError(
          `Compose: Cannot use transforms[${i}]: expected a function or an object with forward()`,
        );
      }
    }
    this.transforms = transforms;
  }

  /** The transformed input. */
  forward(input: InputOf<Ts>): OutputOf<Ts, InputOf<Ts>> {
    // InputOf and OutputOf say what the loop does, one step at a time.
    let value: unknown = input;
    for (const each of this.transforms) value = applyTransform(each, value as never);
    return value as OutputOf<Ts, InputOf<Ts>>;
  }
}

/**
 * A function as a transform.
 *
 * @param fn - Called with each input.
 * @throws TypeError if `fn` is no function.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.Lambda.html
 * @example
 * import assert from "node:assert/strict";
 * import { Lambda } from "@tead/transforms";
 * assert.equal(new Lambda((label: number) => label % 2).forward(7), 1);
 */
export class Lambda<In, Out> implements Transform<In, Out> {
  readonly #fn: (input: In) => Out;

  constructor(fn: (input: In) => Out) {
    if (typeof fn !== "function") {
      throw new TypeError(`Lambda: Cannot use a ${typeof fn}: expected a function`);
    }
    this.#fn = fn;
  }

  /** The transformed input. */
  forward(input: In): Out {
    return this.#fn(input);
  }
}
