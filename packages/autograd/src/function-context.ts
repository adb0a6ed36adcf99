// What a custom Function's forward leaves for its backward.
import { StateError, type Tensor } from "@tead/tensor";
import type { Node } from "./node.ts";
import { freedError, type PackedTensor, type SavedTensor } from "./saved.ts";

/**
 * Passed to a {@link Function}'s `forward` and `backward` as their first argument. Values that are
 * not tensors are kept as fields: `ctx.alpha = alpha`.
 */
export class FunctionContext {
  [field: string]: unknown;
  /** Which arguments of `apply` need a gradient. */
  readonly needsInputGrad: readonly boolean[];
  /** @internal */
  readonly state: ContextState = new ContextState();

  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps inputs or outputs for `backward`, which finds them in `savedTensors`. Call it once. */
  saveForBackward(...tensors: readonly (Tensor | undefined)[]): void {
    this.state.toSave = tensors;
  }
  /** What `saveForBackward` has kept; throws where one was written since, or the graph was freed. */
  get savedTensors(): readonly Tensor[] {
    return this.state.read();
  }
  /** Says which inputs forward has written in place; they must be returned as well. */
  markDirty(...tensors: readonly Tensor[]): void {
    this.state.dirty = new Set(tensors);
  }
  /** Says which outputs carry no gradient. */
  markNonDifferentiable(...tensors: readonly Tensor[]): void {
    this.state.nonDifferentiable = new Set(tensors);
  }
  /** Whether absent gradients reach `backward` as zeros (the default) or as `undefined`. */
  setMaterializeGrads(value: boolean): void {
    this.state.materializeGrads = value;
  }
}

/** What the library keeps of a context. */
class ContextState {
  toSave: readonly (Tensor | undefined)[] = [];
  dirty: ReadonlySet<Tensor> = new Set();
  nonDifferentiable: ReadonlySet<Tensor> = new Set();
  materializeGrads = true;
  node: Node | undefined = undefined;
  saved: readonly (SavedTensor | PackedTensor | undefined)[] | undefined = undefined;

  read(): readonly Tensor[] {
    const { node, saved } = this;
    if (node === undefined)
      throw new StateError("savedTensors: Nothing is saved yet: expected to be read in backward");
    if (saved === undefined) throw freedError(node);
    return saved.map((one) => {
      const tensor = one?.read(node);
      if (tensor instanceof Error) throw tensor;
      return tensor as Tensor;
    });
  }
}
