// Pruning methods: which elements of a tensor get a 0 in the mask.
import { noGrad, ones, rand, randLike, StateError, type Tensor } from "@tead/tensor";

/** What a method looks at: single elements, whole slices along a dim, or all at once. */
export type PruningType = "unstructured" | "structured" | "global";

/**
 * The base of all pruning methods. A subclass says what it looks at and computes a mask.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.BasePruningMethod.html
 */
export abstract class BasePruningMethod {
  /** What the method looks at. */
  abstract readonly pruningType: PruningType;
  /** The dim of the slices, where it looks at slices. */
  readonly dim: number | undefined = undefined;

  /**
   * The new mask: `defaultMask` with more zeros.
   * @param importance - By what elements are chosen: where the mask is 0 nothing is looked at.
   */
  abstract computeMask(importance: Tensor, defaultMask: Tensor): Tensor;

  /** A tensor times the mask. */
  prune(
    tensor: Tensor,
    defaultMask: Tensor = tensor.onesLike(),
    importance: Tensor = tensor,
  ): Tensor {
    return tensor.mul(this.computeMask(importance, defaultMask));
  }
}

/** Prunes nothing. */
export class Identity extends BasePruningMethod {
  override readonly pruningType = "unstructured";
  override computeMask(_: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask;
  }
}

/** Prunes by a mask that is given. */
export class CustomFromMask extends BasePruningMethod {
  override readonly pruningType = "global";
  readonly #mask: Tensor;

  constructor(mask: Tensor) {
    super();
    this.#mask = mask;
  }
  override computeMask(_: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask.mul(this.#mask.to(defaultMask.dtype));
  }
}

/** Round half to even, as Python does. */
function rounded(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A method that prunes an amount: a share below 1, or a number of elements or slices. */
abstract class ByAmount extends BasePruningMethod {
  /** A share from 0 to 1, or a number of elements or slices; 1 is one. */
  readonly amount: number;

  constructor(amount: number) {
    super();
    if (!(amount >= 0 && (amount < 1 || Number.isInteger(amount))))
      throw this.#refusal("a share from 0 to 1 or a number", amount);
    this.amount = amount;
  }
  #refusal(expected: string, received: number): RangeError {
    return new RangeError(
      `${this.constructor.name}: Argument amount is not valid: expected ${expected}, received ${received}`,
    );
  }
  /** How many of `size` elements or slices. */
  protected countOf(size: number): number {
    const count = Number.isInteger(this.amount) ? this.amount : rounded(this.amount * size);
    if (count > size) throw this.#refusal(`at most ${size}`, count);
    return count;
  }
}

/** Sets elements of a mask to 0, by their positions in the flat mask. */
const without = (mask: Tensor, positions: Tensor): Tensor =>
  mask.reshape([-1]).indexFill(0, positions, 0).reshape(mask.shape);

/** Prunes elements by chance: the same ones as PyTorch for the same seed. */
export class RandomUnstructured extends ByAmount {
  override readonly pruningType = "unstructured";
  override computeMask(importance: Tensor, defaultMask: Tensor): Tensor {
    const count = this.countOf(importance.numel());
    if (count === 0) return defaultMask.clone();
    const chances = randLike(importance).reshape([-1]);
    return without(defaultMask, chances.topk(count).indices);
  }
}

/** Prunes the elements of least magnitude. */
export class L1Unstructured extends ByAmount {
  override readonly pruningType = "unstructured";
  override computeMask(importance: Tensor, defaultMask: Tensor): Tensor {
    const count = this.countOf(importance.numel());
    if (count === 0) return defaultMask.clone();
    const sizes = importance.detach().abs().reshape([-1]);
    return without(defaultMask, sizes.topk(count, { largest: false }).indices);
  }
}

abstract class Structured extends ByAmount {
  override readonly pruningType = "structured";
  override readonly dim: number;

  constructor(amount: number, dim = -1) {
    super(amount);
    this.dim = dim;
  }
  override computeMask(importance: Tensor, defaultMask: Tensor): Tensor {
    const { dim } = this;
    const { ndim } = importance;
    const name = this.constructor.name;
    if (ndim < 2)
      throw new StateError(
        `${name}: Cannot prune slices of a tensor of ${ndim} dims: expected at least 2`,
      );
    if (!(Number.isInteger(dim) && dim < ndim && dim >= -ndim))
      throw new RangeError(
        `${name}: Argument dim is not valid: expected a dim of ${ndim}, received ${dim}`,
      );
    const size = importance.size(dim);
    const count = this.countOf(size);
    if (count === 0) return defaultMask.clone();
    const kept = this.kept(importance.detach(), size, count);
    const shape = importance.shape.map((_, i) => (i === (dim + ndim) % ndim ? size : 1));
    return defaultMask.mul(kept.to(defaultMask.dtype).reshape(shape));
  }
  /** 1 for each slice that stays, 0 for `count` others. */
  protected abstract kept(importance: Tensor, size: number, count: number): Tensor;
}

/** Prunes slices along a dim by chance: the same ones as PyTorch for the same seed. */
export class RandomStructured extends Structured {
  protected override kept({ device }: Tensor, size: number, count: number): Tensor {
    const chances = rand([size], { dtype: "float32", device });
    return chances.gt(chances.kthvalue(count).values);
  }
}

/** Prunes the slices along a dim whose n-norm is least. */
export class LnStructured extends Structured {
  /** The norm's order; Infinity for the largest element. */
  readonly n: number;

  constructor(amount: number, n: number, dim = -1) {
    super(amount, dim);
    this.n = n;
  }
  protected override kept(importance: Tensor, size: number, count: number): Tensor {
    const rows = importance.movedim(this.dim, 0).reshape([size, -1]);
    const { indices } = rows.norm(this.n, 1).topk(size - count);
    return ones([size], importance).indexFill(0, indices, 2).sub(1);
  }
}

/** Where a mask is 1: positions in it, flat. */
const left = (mask: Tensor): Tensor => mask.reshape([-1]).nonzeroSync().reshape([-1]);

/**
 * Several pruning methods of one tensor, one after the other: each sees only what the ones before
 * have left.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.PruningContainer.html
 */
export class PruningContainer extends BasePruningMethod {
  override readonly pruningType = "unstructured";
  readonly #methods: BasePruningMethod[];

  constructor(...methods: readonly BasePruningMethod[]) {
    super();
    this.#methods = [...methods];
  }
  /** Adds a method at the end. */
  addPruningMethod(method: BasePruningMethod): void {
    this.#methods.push(method);
  }
  /** How many methods it has. */
  get length(): number {
    return this.#methods.length;
  }
  /** The method at an index, counted from the end if negative. */
  at(index: number): BasePruningMethod | undefined {
    return this.#methods.at(index);
  }
  /** The methods in order. */
  [Symbol.iterator](): IterableIterator<BasePruningMethod> {
    return this.#methods[Symbol.iterator]();
  }

  /** The mask after the last method, which looks only at what `defaultMask` has left. */
  override computeMask(importance: Tensor, defaultMask: Tensor): Tensor {
    const method = this.#methods.at(-1);
    if (method === undefined) return defaultMask;
    return noGrad(() => {
      if (method.pruningType === "global") return method.computeMask(importance, defaultMask);
      if (method.pruningType === "unstructured") {
        const positions = left(defaultMask);
        const [values, mask] = [importance, defaultMask].map((t) =>
          t.detach().reshape([-1]).indexSelect(0, positions),
        ) as [Tensor, Tensor];
        const flat = defaultMask.reshape([-1]);
        const now = method.computeMask(values, mask);
        return flat.indexCopy(0, positions, now).reshape(defaultMask.shape);
      }
      const dim = method.dim ?? -1;
      const rows = defaultMask.movedim(dim, 0).reshape([defaultMask.size(dim), -1]);
      const slices = left(rows.sum(1));
      const mask = defaultMask.indexSelect(dim, slices);
      const now = method.computeMask(importance.detach().indexSelect(dim, slices), mask);
      return defaultMask.indexCopy(dim, slices, now);
    });
  }
}
