// What the tensor package knows of autograd: the interface of the recorder that
// @tead/autograd installs, and the fields that it hangs on tensors. Types and one predicate.
import type { AnyOp, Operand } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** What a dispatch was given for one operand. */
export type RecordedInput = Operand | undefined | readonly Tensor[];

/** Autograd's own record of a tensor; present only where gradients play a part. */
export interface AutogradMeta {
  requiresGrad: boolean;
  grad: Tensor | undefined;
}

/** Why an in-place write to a view may be refused: how the view was made. */
export type ViewCreation = "default" | "noGrad" | "inference" | "multiOutput" | "customFunction";

/** How a differentiable view came about: the chain of view ops from its base. */
export class ViewLink {
  readonly base: Tensor;
  readonly parent: ViewLink | undefined;
  readonly op: AnyOp;
  readonly attrs: unknown;
  /** @internal */
  creation: ViewCreation;
  /** The storage's version that the view's node belongs to. @internal */
  version: number;

  constructor(
    input: Tensor,
    op: AnyOp,
    attrs: unknown,
    {
      gradEnabled,
      inferenceMode,
    }: { readonly gradEnabled: boolean; readonly inferenceMode: boolean },
  ) {
    const creation = inferenceMode ? "inference" : gradEnabled ? "default" : "noGrad";
    const parent = input.viewOf;
    this.parent = parent;
    this.base = parent === undefined ? input : parent.base;
    this.op = op;
    this.attrs = attrs;
    // A plain view of a restricted view is restricted in the same way.
    this.creation = parent !== undefined && creation === "default" ? parent.creation : creation;
    this.version = input.storage.version;
  }
}

/** Options of `backward`. */
export interface BackwardOptions {
  /** The gradient of what is differentiated; needed unless the tensor has one element. */
  readonly gradient?: Tensor;
  readonly retainGraph?: boolean;
  readonly createGraph?: boolean;
  /** Accumulate into these leaves only. */
  readonly inputs?: readonly Tensor[];
}

/** A handle that takes a hook off again. */
export interface HookHandle {
  /** Takes the hook off; a second call does nothing. */
  remove(): void;
}

/** A node of the graph, as users see it. */
export interface GradFn {
  /** PyTorch's name for it: `MulBackward`. */
  readonly name: string;
  readonly nextFunctions: readonly (readonly [GradFn | undefined, number])[];
  /** Calls `hook` after the node ran; what it returns replaces the gradients of the inputs. */
  registerHook(
    hook: (
      gradInputs: readonly (Tensor | undefined)[],
      gradOutputs: readonly (Tensor | undefined)[],
    ) => readonly (Tensor | undefined)[] | undefined,
  ): HookHandle;
  /** Calls `hook` before the node runs; what it returns replaces the gradients of the outputs. */
  registerPrehook(
    hook: (
      gradOutputs: readonly (Tensor | undefined)[],
    ) => readonly (Tensor | undefined)[] | undefined,
  ): HookHandle;
}

/** An in-place op that is about to run. */
export interface PendingRecord {
  /** After the op: gives the target its new node. */
  finish(): void;
}

/** What autograd gives; the tensor package calls it and knows no more. */
export interface Recorder {
  /** Refuses an in-place op that PyTorch refuses. */
  checkInPlace(op: AnyOp, target: Tensor): void;
  /** Before an in-place op that is to be recorded: notes its edges and saves what it overwrites. */
  beforeInPlace(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    attrs: unknown,
    target: Tensor,
  ): PendingRecord;
  /** After an op: gives its outputs a node. */
  record(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    outputs: readonly Tensor[],
    attrs: unknown,
  ): void;
  /** What `tensor.backward()` does. */
  backward(tensor: Tensor, options: BackwardOptions): void;
  /** The node that made a tensor; a leaf has none. */
  gradFn(tensor: Tensor): GradFn | undefined;
  /** What `tensor.requiresGrad_()` does. */
  setRequiresGrad(tensor: Tensor, value: boolean): void;
  /** What writing `tensor.grad` does. */
  setGrad(tensor: Tensor, grad: Tensor | undefined): void;
  /** What `tensor.retainGrad()` does. */
  retainGrad(tensor: Tensor): void;
  /** What `tensor.registerHook()` does. */
  registerHook(tensor: Tensor, hook: (grad: Tensor) => Tensor | undefined): HookHandle;
  /** Cuts a tensor that is not a view off its graph. */
  detachInPlace(tensor: Tensor): void;
  /** Every tensor that the graph behind `tensor` keeps for backward: a scope spares them. */
  savedBy(tensor: Tensor): Iterable<Tensor>;
}

/** Whether an op on this tensor is to be recorded: a view follows its base. */
export function tracksGrad(tensor: Tensor): boolean {
  if (tensor.autograd?.requiresGrad === true) return true;
  return tensor.viewOf?.base.autograd?.requiresGrad === true;
}
