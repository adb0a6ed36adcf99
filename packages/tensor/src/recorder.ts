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

/** How a differentiable view came about: the chain of view ops from its base. */
export interface ViewLink {
  readonly base: Tensor;
  readonly parent: ViewLink | undefined;
  readonly op: AnyOp;
  readonly attrs: unknown;
  /** Whether gradients were being recorded when the view was taken. */
  readonly gradEnabled: boolean;
}

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
  remove(): void;
}

/** A node of the graph, as users see it. */
export interface GradFn {
  /** PyTorch's name for it: `MulBackward`. */
  readonly name: string;
  readonly nextFunctions: readonly (readonly [GradFn | undefined, number])[];
  registerHook(
    hook: (
      gradInputs: readonly (Tensor | undefined)[],
      gradOutputs: readonly (Tensor | undefined)[],
    ) => readonly (Tensor | undefined)[] | undefined,
  ): HookHandle;
  registerPrehook(
    hook: (
      gradOutputs: readonly (Tensor | undefined)[],
    ) => readonly (Tensor | undefined)[] | undefined,
  ): HookHandle;
}

/** What autograd gives; the tensor package calls it and knows no more. */
export interface Recorder {
  /** Before an in-place op: refuses what PyTorch refuses; gives the inputs to record. */
  beforeInPlace(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    target: Tensor,
  ): readonly RecordedInput[];
  record(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    outputs: readonly Tensor[],
    attrs: unknown,
    /** The tensor that an in-place op wrote: its node is rebased. */
    target?: Tensor,
  ): void;
  backward(tensor: Tensor, options: BackwardOptions): void;
  gradFn(tensor: Tensor): GradFn | undefined;
  setRequiresGrad(tensor: Tensor, value: boolean): void;
  setGrad(tensor: Tensor, grad: Tensor | undefined): void;
  retainGrad(tensor: Tensor): void;
  registerHook(tensor: Tensor, hook: (grad: Tensor) => Tensor | undefined): HookHandle;
  /** Every tensor that the graph behind `tensor` keeps for backward: a scope spares them. */
  savedBy(tensor: Tensor): Iterable<Tensor>;
}

/** Whether an op on this tensor is to be recorded. */
export function tracksGrad(tensor: Tensor): boolean {
  if (tensor.autograd !== undefined && tensor.autograd.requiresGrad) return true;
  const link = tensor.viewOf;
  return link?.gradEnabled === true && link.base.autograd?.requiresGrad === true;
}
