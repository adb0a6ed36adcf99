// Which gradients are backward's own: nobody else can hold them, so that they may be handed over,
// added to in place, and freed once they have been used.
import {
  exposedPasses,
  isContiguous,
  runtime,
  Storage,
  type Tensor,
  Workspace,
  withContext,
} from "@tead/tensor";

/** One backward: only what is made within is its own. */
interface Owner {
  readonly start: number;
  readonly workspace: Workspace;
}

let owner: Owner | undefined;

/** Runs a backward. One that is itself recorded owns nothing: its graph does. */
export function withOwnership<R>(owns: boolean, fn: () => R): R {
  const previous = owner;
  const workspace = new Workspace();
  owner = owns ? { start: Storage.made, workspace } : undefined;
  try {
    const scope = owns ? workspace : runtime.context.scope;
    return withContext({ gradEnabled: !owns, scope }, fn);
  } finally {
    owner = previous;
  }
}

/** Runs user code inside a backward: what it makes is its own. */
export function outside<R>(fn: () => R): R {
  if (owner === undefined) return fn();
  const { context } = runtime;
  runtime.context = { ...context, scope: owner.workspace.outer };
  try {
    return fn();
  } finally {
    runtime.context = context;
  }
}

const owns = (storage: Storage): boolean => owner !== undefined && storage.serial >= owner.start;

/** Notes that a gradient is held until it is released. */
export function hold(grad: Tensor): void {
  grad.storage.passes++;
}

/** Lets go of a gradient; frees it where nobody else can hold it. */
export function release(grad: Tensor): void {
  const { storage } = grad;
  storage.passes--;
  if (storage.passes === 0 && owns(storage)) storage.free();
}

/** Frees what a gradient rule made on its way to its results. */
export function settle(results: readonly unknown[]): void {
  owner?.workspace.settle(results);
}

/** Notes that user code has seen a gradient, and may keep it. */
export function expose(grad: Tensor): void {
  const { storage } = grad;
  if (storage.passes > exposedPasses / 2) return;
  storage.passes = exposedPasses;
  if (owns(storage)) owner?.workspace.outer?.track(storage);
}

/** Whether a gradient that is held once is the only tensor on its storage. */
export function isStealable(grad: Tensor): boolean {
  const { storage } = grad;
  return (
    storage.passes <= 1 && owns(storage) && grad.numel() === storage.count && isContiguous(grad)
  );
}
