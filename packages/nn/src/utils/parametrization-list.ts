// ParametrizationList: what stands in the place of one parametrized tensor.
import { DTypeError, noGrad, ShapeError, sameShape, Tensor, UnsupportedError } from "@tead/tensor";
import type { Member } from "../module/members.ts";
import { type AnyModule, Module } from "../module/module.ts";
import { type ModuleBuffer, Parameter, replaceContents } from "../parameter.ts";

/** A module that computes a tensor from what is stored in its place. */
export type Parametrization = AnyModule & {
  /** What `forward` computes the tensor from, for a tensor that is assigned. */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
};
type Forward = (...values: readonly Tensor[]) => Tensor;

/** Refuses a tensor of another dtype or shape than the one whose place it takes. */
export function checkAlike(what: string, value: unknown, wanted: Tensor): asserts value is Tensor {
  if (!(value instanceof Tensor))
    throw new TypeError(`registerParametrization: ${what} is no tensor: received ${typeof value}`);
  const hint = { hint: "pass { unsafe: true } if the change is meant" };
  if (value.dtype !== wanted.dtype)
    throw new DTypeError(
      `registerParametrization: ${what} changes the dtype: expected ${wanted.dtype}, received ${value.dtype}`,
      hint,
    );
  if (!sameShape(value.shape, wanted.shape))
    throw new ShapeError(
      `registerParametrization: ${what} changes the shape: expected [${wanted.shape.join(", ")}], ` +
        `received [${value.shape.join(", ")}]`,
      hint,
    );
}

/**
 * The parametrizations of one tensor, one after the other, and what the first is computed from:
 * `original`, or `original0`, `original1`, ... where `rightInverse` gives several tensors.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.ParametrizationList.html
 */
export class ParametrizationList extends Module<readonly [], Tensor> {
  /** Whether dtype and shape may change. */
  unsafe: boolean;
  private readonly held: Parametrization[];
  private readonly count: number;

  /** @internal Use `registerParametrization()`. */
  constructor(first: Parametrization, original: Parameter | ModuleBuffer, unsafe: boolean) {
    super();
    this.held = [first];
    this.unsafe = unsafe;
    const value = noGrad(() => inverseOrSame(first, original));
    this.count = value instanceof Tensor ? 1 : value.length;
    if (value instanceof Tensor) {
      if (value.dtype !== original.dtype) checkAlike("rightInverse()", value, original);
      replaceContents(original, value.detach());
      this.put("original", original);
    } else
      for (const [i, each] of value.entries()) {
        const { requiresGrad } = original;
        const values = each.detach();
        this.put(
          `original${i}`,
          original instanceof Parameter ? new Parameter(values, { requiresGrad }) : values,
        );
      }
  }
  private put(name: string, value: unknown): void {
    Object.defineProperty(this, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  /** @internal */
  override members(): readonly Member[] {
    return [...super.members(), ...this.held.map((m, i): Member => [String(i), m])];
  }
  /** Whether there is one stored tensor, `original`. */
  get isTensor(): boolean {
    return "original" in this;
  }
  /** The stored tensors. */
  get originals(): readonly Tensor[] {
    const fields = this as unknown as Record<string, Tensor>;
    if (this.isTensor) return [fields.original as Tensor];
    return Array.from({ length: this.count }, (_, i) => fields[`original${i}`] as Tensor);
  }
  /** How many parametrizations there are. */
  get length(): number {
    return this.held.length;
  }
  /** The parametrization at an index, counted from the end if negative. */
  at(index: number): Parametrization | undefined {
    return this.held.at(index);
  }
  /** Adds a parametrization of what the others compute. */
  append(parametrization: Parametrization): void {
    this.held.push(parametrization);
  }
  /** The parametrizations in order. */
  [Symbol.iterator](): IterableIterator<Parametrization> {
    return this.held[Symbol.iterator]();
  }

  /** The tensor. */
  override forward(): Tensor {
    let values: readonly Tensor[] = this.originals;
    for (const each of this.held)
      values = [(each.forward as unknown as Forward).call(each, ...values)];
    return values[0] as Tensor;
  }

  /**
   * Stores what the tensor is computed from, for a tensor that is assigned.
   * @throws UnsupportedError where a parametrization has no `rightInverse`.
   */
  rightInverse(value: Tensor): void {
    noGrad(() => {
      let values: Tensor | readonly Tensor[] = value;
      for (const each of [...this.held].reverse()) {
        if (each.rightInverse === undefined)
          throw new UnsupportedError(
            `ParametrizationList: Cannot assign the tensor: ${each.constructor.name} has no rightInverse()`,
          );
        values = each.rightInverse(values as Tensor);
      }
      const given = values instanceof Tensor ? [values] : values;
      for (const [i, original] of this.originals.entries())
        replaceContents(original, (given[i] as Tensor).detach());
    });
  }
}

function inverseOrSame(each: Parametrization, value: Tensor): Tensor | readonly Tensor[] {
  if (each.rightInverse === undefined) return value;
  try {
    return each.rightInverse(value);
  } catch (error) {
    // There is none for these options: what is stored is what was there.
    if (error instanceof UnsupportedError) return value;
    throw error;
  }
}
