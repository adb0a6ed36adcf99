// Whole derivatives of functions: products with vectors, Jacobians and Hessians. PyTorch's
// `torch.autograd.functional`.
import { enableGrad, ShapeError, StateError, sameShape, stack, Tensor } from "@tead/tensor";
import { grad } from "./backward.ts";

/** One tensor, or a list of them. */
export type Tensors = Tensor | readonly Tensor[];
/** The arguments that a function takes for `I`: the tensor, or the tensors of the list. */
export type Arguments<I extends Tensors> = I extends Tensor ? [input: Tensor] : Tensor[];
/** One tensor for a tensor, a list for a list. */
export type Like<I extends Tensors> = I extends Tensor ? Tensor : Tensor[];
/** One entry an output, each with one tensor an input. */
export type JacobianOf<I extends Tensors, O extends Tensors> = O extends Tensor
  ? Like<I>
  : Like<I>[];
/** One row an input, each with one tensor an input. */
export type HessianOf<I extends Tensors> = I extends Tensor ? Tensor : Tensor[][];

/** What `jacobian`, `hessian` and the products take. */
export interface FunctionalOptions {
  /** Record the result, so that it can be differentiated; false unless said. */
  readonly createGraph?: boolean;
  /** Throw where an output does not depend on an input, instead of giving zeros. */
  readonly strict?: boolean;
}

type Fn<I extends Tensors, O extends Tensors> = (...inputs: Arguments<I>) => O;

const listOf = (x: Tensors): readonly Tensor[] => (x instanceof Tensor ? [x] : x);
const like = <I extends Tensors>(shape: I, list: readonly Tensor[]): Like<I> =>
  (shape instanceof Tensor ? list[0] : list) as Like<I>;

/** The inputs as leaves of their own, or as views of the caller's where its graph is to go on. */
function leaves(inputs: Tensors, keepGraph: boolean): Tensor[] {
  return listOf(inputs).map((x) =>
    keepGraph && x.requiresGrad ? x.view(x.shape) : x.detach().requiresGrad_(),
  );
}

function finished<T extends Tensor>(list: readonly T[], createGraph: boolean): Tensor[] {
  return list.map((x) => (createGraph ? x : x.detach()));
}

interface Evaluated<O> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly shape: O;
}

function evaluate<I extends Tensors, O extends Tensors>(
  fn: Fn<I, O>,
  given: I,
  keepGraph: boolean,
): Evaluated<O> {
  const inputs = leaves(given, keepGraph);
  const shape = fn(...(inputs as Arguments<I>));
  return { inputs, outputs: listOf(shape), shape };
}

/** grad() with zeros for what does not matter, or an error where that is asked for. */
function gradOrZeros(
  what: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs: readonly Tensor[] | undefined,
  { strict = false, createGraph = false }: FunctionalOptions,
): Tensor[] {
  const live = outputs.flatMap((output, i) => (output.requiresGrad ? [i] : []));
  if (strict && live.length < outputs.length)
    throw new StateError(
      `${what}: An output does not depend on the inputs: expected all to in strict mode`,
    );
  const results =
    live.length === 0
      ? inputs.map(() => undefined)
      : grad(
          live.map((i) => outputs[i] as Tensor),
          inputs,
          {
            gradOutputs: gradOutputs && live.map((i) => gradOutputs[i]),
            createGraph,
            retainGraph: true,
            allowUnused: true,
          },
        );
  return results.map((g, i) => {
    if (g !== undefined) return g;
    if (strict)
      throw new StateError(
        `${what}: Input ${i} does not matter: expected every output to depend on it in strict mode`,
      );
    return (inputs[i] as Tensor).detach().zerosLike();
  });
}

function checkVectors(what: string, v: readonly Tensor[], like: readonly Tensor[]): void {
  like.forEach((t, i) => {
    const shape = v[i]?.shape;
    if (shape === undefined || !sameShape(shape, t.shape))
      throw new ShapeError(
        `${what}: Vector ${i} does not fit: expected shape [${t.shape.join(", ")}], ` +
          `received ${shape === undefined ? "none" : `[${shape.join(", ")}]`}`,
      );
  });
}

function vectorOf(
  what: string,
  v: Tensors | undefined,
  outputs: readonly Tensor[],
): readonly Tensor[] {
  if (v !== undefined) {
    checkVectors(what, listOf(v), outputs);
    return listOf(v);
  }
  if (outputs.length !== 1 || outputs[0]?.numel() !== 1)
    throw new StateError(
      `${what}: Vector is missing: expected v unless the function gives one element`,
    );
  return [(outputs[0] as Tensor).detach().onesLike()];
}

/**
 * The function's value, and v^T J: the gradient of its outputs weighted by `v`.
 *
 * @param fn - Takes the inputs, gives one tensor or a list.
 * @param inputs - One tensor or a list.
 * @param v - One tensor an output; may be absent where the output is one element.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.vjp.html
 * @example
 * import assert from "node:assert/strict";
 * import { vjp } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const [, product] = vjp((x) => x.mul(x), tensor([1.5, 2]), tensor([1, 10], { dtype: "float32" }));
 * assert.deepEqual(await product.tolist(), [3, 40]);
 */
export function vjp<I extends Tensors, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  v?: Like<O>,
  options: FunctionalOptions = {},
): [outputs: Like<O>, product: Like<I>] {
  const { createGraph = false } = options;
  return enableGrad(() => {
    const at = evaluate(fn, inputs, createGraph);
    const weights = vectorOf("vjp", v, at.outputs);
    const product = gradOrZeros("vjp", at.outputs, at.inputs, weights, options);
    return [
      like(at.shape, finished(at.outputs, createGraph)) as Like<O>,
      like(inputs, finished(product, createGraph)),
    ];
  });
}

/**
 * The function's value, and J v: its change along `v`. Goes backward twice: the gradient's gradient
 * is linear in its weights.
 *
 * @param fn - Takes the inputs, gives one tensor or a list.
 * @param inputs - One tensor or a list.
 * @param v - One tensor an input.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.jvp.html
 * @example
 * import assert from "node:assert/strict";
 * import { jvp } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const [, change] = jvp((x) => x.mul(x).sum(), tensor([1.5, 2]), tensor([1, 10], { dtype: "float32" }));
 * assert.equal(await change.item(), 43);
 */
export function jvp<I extends Tensors, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  v?: Like<I>,
  options: FunctionalOptions = {},
): [outputs: Like<O>, product: Like<O>] {
  const { createGraph = false } = options;
  return enableGrad(() => {
    const at = evaluate(fn, inputs, createGraph);
    const along = vectorOf("jvp", v, at.inputs);
    const product = pushForward("jvp", at.outputs, at.inputs, along, options);
    return [
      like(at.shape, finished(at.outputs, createGraph)) as Like<O>,
      like(at.shape, finished(product, createGraph)) as Like<O>,
    ];
  });
}

/** J v by the double-backward trick. */
function pushForward(
  what: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  along: readonly Tensor[],
  options: FunctionalOptions,
): Tensor[] {
  const weights = outputs.map((y) => y.detach().zerosLike().requiresGrad_());
  const gradients = gradOrZeros(what, outputs, inputs, weights, { ...options, createGraph: true });
  return gradOrZeros(what, gradients, weights, along, { ...options, strict: false });
}

/**
 * The derivative of every output element by every input element: an output of shape A and an input
 * of shape B give a tensor of shape [...A, ...B].
 *
 * @param fn - Takes the inputs, gives one tensor or a list.
 * @param inputs - One tensor or a list; the result is nested in the same way, outputs first.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.jacobian.html
 * @example
 * import assert from "node:assert/strict";
 * import { jacobian } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * assert.deepEqual(await jacobian((x) => x.mul(x), tensor([1.5, 2])).tolist(), [[3, 0], [0, 4]]);
 */
export function jacobian<I extends Tensors, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  options: FunctionalOptions = {},
): JacobianOf<I, O> {
  const { createGraph = false } = options;
  return enableGrad(() => {
    const at = evaluate(fn, inputs, createGraph);
    const rows = at.outputs.map((output) => {
      const flat = output.reshape([-1]);
      const perElement = Array.from({ length: output.numel() }, (_, i) =>
        gradOrZeros("jacobian", [flat.select(0, i)], at.inputs, undefined, options),
      );
      const blocks = at.inputs.map((input, j) => {
        const shape = [...output.shape, ...input.shape];
        if (perElement.length === 0) return input.detach().newZeros(shape);
        return stack(perElement.map((row) => row[j] as Tensor)).reshape(shape);
      });
      return like(inputs, finished(blocks, createGraph));
    });
    return (at.shape instanceof Tensor ? rows[0] : rows) as JacobianOf<I, O>;
  });
}

/**
 * The second derivatives of a function that gives one element: an input of shape A gives [...A, ...A].
 *
 * @param fn - Takes the inputs, gives a tensor of one element.
 * @param inputs - One tensor or a list, which gives a list of lists.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.hessian.html
 * @example
 * import assert from "node:assert/strict";
 * import { hessian } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * assert.deepEqual(await hessian((x) => x.pow(3).sum(), tensor([1.5, 2])).tolist(), [[9, 0], [0, 12]]);
 */
export function hessian<I extends Tensors>(
  fn: Fn<I, Tensor>,
  inputs: I,
  options: FunctionalOptions = {},
): HessianOf<I> {
  const gradient = (...xs: Tensor[]): Tensor[] => {
    const output = scalarOf("hessian", fn(...(xs as Arguments<I>)));
    return gradOrZeros("hessian", [output], xs, undefined, { ...options, createGraph: true });
  };
  const rows = jacobian(gradient, listOf(inputs), options) as Tensor[][];
  return (inputs instanceof Tensor ? rows[0]?.[0] : rows) as HessianOf<I>;
}

function scalarOf(what: string, output: Tensor): Tensor {
  if (output.numel() !== 1)
    throw new ShapeError(
      `${what}: Function gives several elements: expected one, received shape [${output.shape.join(", ")}]`,
    );
  return output.reshape([]);
}

/**
 * The function's value, and v^T H, for a function that gives one element.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.vhp.html
 */
export function vhp<I extends Tensors>(
  fn: Fn<I, Tensor>,
  inputs: I,
  v?: Like<I>,
  options: FunctionalOptions = {},
): [output: Tensor, product: Like<I>] {
  return secondOrder("vhp", fn, inputs, v, options, (gradients, at, along) =>
    gradOrZeros("vhp", gradients, at, along, options),
  );
}

/**
 * The function's value, and H v, for a function that gives one element. `vhp` is faster and the same
 * where the second derivatives are continuous.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.hvp.html
 */
export function hvp<I extends Tensors>(
  fn: Fn<I, Tensor>,
  inputs: I,
  v?: Like<I>,
  options: FunctionalOptions = {},
): [output: Tensor, product: Like<I>] {
  return secondOrder("hvp", fn, inputs, v, options, (gradients, at, along) =>
    pushForward("hvp", gradients, at, along, options),
  );
}

function secondOrder<I extends Tensors>(
  what: string,
  fn: Fn<I, Tensor>,
  inputs: I,
  v: Like<I> | undefined,
  options: FunctionalOptions,
  product: (
    gradients: readonly Tensor[],
    inputs: readonly Tensor[],
    v: readonly Tensor[],
  ) => Tensor[],
): [output: Tensor, product: Like<I>] {
  const { createGraph = false } = options;
  return enableGrad(() => {
    const at = evaluate(fn, inputs, createGraph);
    const output = scalarOf(what, at.shape);
    const gradients = gradOrZeros(what, [output], at.inputs, undefined, {
      ...options,
      createGraph: true,
    });
    const results = product(gradients, at.inputs, vectorOf(what, v, at.inputs));
    return [
      finished([at.shape], createGraph)[0] as Tensor,
      like(inputs, finished(results, createGraph)),
    ];
  });
}
