// backward() and grad(): from tensors to the engine and back.
import {
  type BackwardOptions,
  ShapeError,
  StateError,
  sameShape,
  type Tensor,
  tracksGrad,
} from "@tead/tensor";
import { gradientNode } from "./edges.ts";
import { type Edge, execute, type Root, type Run } from "./engine.ts";
import { metaOf } from "./meta.ts";
import { withOwnership } from "./ownership.ts";

function rootOf(output: Tensor, given: Tensor | undefined, what: string): Root {
  const node = tracksGrad(output) ? gradientNode(output) : undefined;
  if (node === undefined)
    throw new StateError(
      `${what}: Tensor does not require grad: expected one that an op with a requiresGrad operand made`,
      { hint: "set requiresGrad on a leaf, and compute outside noGrad()" },
    );
  return { node, index: metaOf(output)?.index ?? 0, grad: seedOf(output, given, what) };
}

function seedOf(output: Tensor, given: Tensor | undefined, what: string): Tensor {
  if (given === undefined) {
    if (output.numel() !== 1)
      throw new StateError(
        `${what}: Gradient can be made only for one element: expected a gradient for shape ` +
          `[${output.shape.join(", ")}], received none`,
        { hint: "reduce to a scalar first, as in loss.mean(), or pass the gradient" },
      );
    return output.onesLike();
  }
  if (!sameShape(given.shape, output.shape))
    throw new ShapeError(
      `${what}: Gradient does not fit: expected shape [${output.shape.join(", ")}], ` +
        `received [${given.shape.join(", ")}]`,
    );
  return given.dtype === output.dtype ? given : given.to(output.dtype);
}

function run(roots: () => readonly Root[], options: Run): ReturnType<typeof execute> {
  return withOwnership(!options.createGraph, () => execute(roots(), options));
}

function edgeOf(input: Tensor): Edge | undefined {
  const node = gradientNode(input);
  return node === undefined ? undefined : { node, index: metaOf(input)?.index ?? 0 };
}

/** PyTorch's `torch.autograd.backward` for one tensor. */
export function backward(tensor: Tensor, options: BackwardOptions): void {
  backwardAll([tensor], [options.gradient], options);
}

/**
 * Accumulates the gradients of several tensors' leaves in one pass. PyTorch's
 * `torch.autograd.backward`.
 *
 * @param tensors - what to differentiate
 * @param gradients - the gradient of each; `undefined` for a tensor of one element
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.backward.html
 */
export function backwardAll(
  tensors: readonly Tensor[],
  gradients: readonly (Tensor | undefined)[],
  { createGraph = false, retainGraph = createGraph, inputs }: BackwardOptions,
): void {
  const roots = (): Root[] => tensors.map((tensor, i) => rootOf(tensor, gradients[i], "backward"));
  if (inputs !== undefined && inputs.length === 0)
    throw new StateError(
      "backward: No inputs: expected at least one tensor in inputs, received none",
    );
  const captures = inputs?.map((input) => {
    const edge = tracksGrad(input) ? edgeOf(input) : undefined;
    if (edge === undefined)
      throw new StateError(
        "backward: Input does not require grad: expected tensors that do in inputs",
      );
    input.retainGrad();
    return edge;
  });
  run(roots, { keepGraph: retainGraph, createGraph, captures, accumulate: true });
}

/** Options of `grad()`. */
export interface GradOptions {
  /** The gradients of the outputs; needed for those of more than one element. */
  readonly gradOutputs?: Tensor | readonly (Tensor | undefined)[];
  /** Keep the graph for another backward; `createGraph` unless said. */
  readonly retainGraph?: boolean;
  /** Record the gradients, so that they can be differentiated. */
  readonly createGraph?: boolean;
  /** Give `undefined` for an input that the outputs do not depend on, where else it is an error. */
  readonly allowUnused?: boolean;
}

/**
 * The gradients of `outputs` with respect to `inputs`, without touching any `.grad`: PyTorch's
 * `torch.autograd.grad`.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: GradOptions & { readonly allowUnused?: false },
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions,
): (Tensor | undefined)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | undefined)[] {
  const { createGraph = false, retainGraph = createGraph, allowUnused = false } = options;
  const from = [outputs].flat() as readonly Tensor[];
  const seeds = [options.gradOutputs].flat() as readonly (Tensor | undefined)[];
  const roots = (): Root[] => from.map((output, i) => rootOf(output, seeds[i], "grad"));
  const captures = inputs.map((input, i) => {
    if (!tracksGrad(input))
      throw new StateError(
        `grad: Input does not require grad: expected tensors that do, received one that does not at ${i}`,
        { hint: "call requiresGrad_() on it before computing the outputs" },
      );
    return edgeOf(input);
  });
  const results = run(roots, { keepGraph: retainGraph, createGraph, captures });
  const unused = results.indexOf(undefined);
  if (unused >= 0 && !allowUnused)
    throw new StateError(
      `grad: Input ${unused} was not used: expected every input to lead to an output`,
      { hint: "pass { allowUnused: true } to get undefined for it" },
    );
  return results as (Tensor | undefined)[];
}
