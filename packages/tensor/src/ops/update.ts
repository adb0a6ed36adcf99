// The optimizers' updates of any number of parameters, in place, as one op each: a backend may fuse
// what the decomposition does in several passes. The arithmetic is PyTorch's, in its order.
// Gradients and state are lists as long as the parameters'; a state that a variant has not is empty.
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, nonDifferentiable, type OperandSpec } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireFloat, requireSameDType } from "./rules.ts";

/** What a step of SGD takes beside its tensors. */
export interface SgdAttrs {
  readonly lr: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  /** Climb instead of descending. */
  readonly maximize: boolean;
  /** Whether the momentum buffer is fresh: it takes the gradient as it is. */
  readonly first: boolean;
}

type Specs = readonly OperandSpec[];

/** Gradients and state fit their parameters; `optional` lists may be empty. An update has no output. */
function checkUpdate(
  params: Specs,
  required: readonly Specs[],
  optional: readonly Specs[] = [],
): readonly [] {
  for (const param of params) requireFloat(param, "Parameter");
  for (const list of required) checkAlike(params, list);
  for (const list of optional) if (list.length > 0) checkAlike(params, list);
  return [];
}

function checkAlike(params: Specs, list: Specs): void {
  if (list.length !== params.length)
    throw new ShapeError(
      `Gradients or state are not those of the parameters: expected ${params.length} tensors, ` +
        `received ${list.length}`,
    );
  for (let i = 0; i < list.length; i++) {
    const [param, other] = [params[i] as OperandSpec, list[i] as OperandSpec];
    if (other.dtype !== param.dtype) requireSameDType([param, other]);
    if (!sameShape(other.shape, param.shape))
      throw new ShapeError(
        `Gradient or state does not fit: expected shape ${formatShape(param.shape)}, ` +
          `received ${formatShape(other.shape)}`,
      );
  }
}

/** Calls `update` with the tensors of each parameter; what a variant has not is absent. */
function each<T extends readonly (Tensor | undefined)[]>(
  lists: readonly (readonly Tensor[])[],
  update: (tensors: T) => void,
): readonly [] {
  const count = lists[0]?.length ?? 0;
  for (let i = 0; i < count; i++) update(lists.map((list) => list[i]) as readonly unknown[] as T);
  return [];
}

/** The direction to go against: the gradient, its sign turned to climb, and the decay's share of the parameter. */
function descent(
  param: Tensor,
  grad: Tensor,
  { maximize, weightDecay }: Pick<SgdAttrs, "maximize" | "weightDecay">,
): Tensor {
  const g = maximize ? grad.neg() : grad;
  return weightDecay === 0 ? g : g.add(param, { alpha: weightDecay });
}

type SgdInputs = readonly ["...params", "...grads", "...momentumBuffers"];

/**
 * d = grad + weightDecay param; buffer = momentum buffer + (1 - dampening) d;
 * param -= lr buffer, or lr (d + momentum buffer) with Nesterov
 */
export const sgdUpdateOp: Fusable<"sgdUpdate", SgdInputs, SgdAttrs, readonly []> = defineFusable(
  "sgdUpdate",
  {
    inputs: ["...params", "...grads", "...momentumBuffers"],
    outputs: [],
    mutates: ["params", "momentumBuffers"],
    infer: ([params, grads, buffers]) => checkUpdate(params, [grads], [buffers]),
    gradient: nonDifferentiable,
    decompose: (lists, attrs) =>
      each(lists, ([param, grad, buffer]: [Tensor, Tensor, Tensor?]) => {
        const { lr, momentum, dampening, nesterov, first } = attrs;
        let d = descent(param, grad, attrs);
        if (buffer !== undefined) {
          if (first) buffer.copy_(d);
          else buffer.mul_(momentum).add_(d, { alpha: 1 - dampening });
          d = nesterov ? d.add(buffer, { alpha: momentum }) : buffer;
        }
        param.add_(d, { alpha: -lr });
      }),
  },
);

/** What a step of Adam or AdamW takes beside its tensors. */
export interface AdamAttrs {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Whether the decay shrinks the parameter itself (AdamW) in place of joining the gradient. */
  readonly decoupled: boolean;
  /** Climb instead of descending. */
  readonly maximize: boolean;
  /** The number of this step, from 1. */
  readonly step: number;
}

type AdamInputs = readonly [
  "...params",
  "...grads",
  "...expAvgs",
  "...expAvgSqs",
  "...maxExpAvgSqs",
];

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * param -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps); AMSGrad with the largest v
 */
export const adamUpdateOp: Fusable<"adamUpdate", AdamInputs, AdamAttrs, readonly []> =
  defineFusable("adamUpdate", {
    inputs: ["...params", "...grads", "...expAvgs", "...expAvgSqs", "...maxExpAvgSqs"],
    outputs: [],
    mutates: ["params", "expAvgs", "expAvgSqs", "maxExpAvgSqs"],
    infer: ([params, grads, m, v, largest]) => checkUpdate(params, [grads, m, v], [largest]),
    gradient: nonDifferentiable,
    decompose: (lists, attrs) =>
      each(
        lists,
        ([param, grad, expAvg, expAvgSq, largest]: [Tensor, Tensor, Tensor, Tensor, Tensor?]) => {
          const { lr, beta1, beta2, eps, weightDecay, decoupled, maximize, step } = attrs;
          const g = descent(param, grad, { maximize, weightDecay: decoupled ? 0 : weightDecay });
          if (decoupled) param.mul_(1 - lr * weightDecay);
          expAvg.mul_(beta1).add_(g, { alpha: 1 - beta1 });
          expAvgSq.mul_(beta2).add_(g.mul(1 - beta2).mul(g));
          const stepSize = lr / (1 - beta1 ** step);
          const correction = Math.sqrt(1 - beta2 ** step);
          let second: Tensor = expAvgSq;
          if (largest !== undefined) second = largest.copy_(largest.maximum(expAvgSq));
          const denominator = second.sqrt().div(correction).add(eps);
          param.add_(expAvg.mul(-stepSize).div(denominator));
        },
      ),
  });

/** What a step of RMSprop takes beside its tensors. */
export interface RmspropAttrs {
  readonly lr: number;
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
  /** Climb instead of descending. */
  readonly maximize: boolean;
}

type RmspropInputs = readonly [
  "...params",
  "...grads",
  "...squareAvgs",
  "...gradAvgs",
  "...momentumBuffers",
];

/**
 * v = alpha v + (1 - alpha) g^2; step = g / (sqrt(v) + eps), with v less the squared average of g
 * where there is one; param -= lr step, or lr (momentum buffer + step), which is the next buffer
 */
export const rmspropUpdateOp: Fusable<"rmspropUpdate", RmspropInputs, RmspropAttrs, readonly []> =
  defineFusable("rmspropUpdate", {
    inputs: ["...params", "...grads", "...squareAvgs", "...gradAvgs", "...momentumBuffers"],
    outputs: [],
    mutates: ["params", "squareAvgs", "gradAvgs", "momentumBuffers"],
    infer: ([params, grads, squares, averages, buffers]) =>
      checkUpdate(params, [grads, squares], [averages, buffers]),
    gradient: nonDifferentiable,
    decompose: (lists, attrs) =>
      each(
        lists,
        ([param, grad, squareAvg, gradAvg, buffer]: [Tensor, Tensor, Tensor, Tensor?, Tensor?]) => {
          const { lr, alpha, eps, momentum } = attrs;
          const g = descent(param, grad, attrs);
          let average: Tensor = squareAvg.mul_(alpha).addcmul_(g, g, { value: 1 - alpha });
          if (gradAvg !== undefined) {
            gradAvg.mul_(alpha).add_(g, { alpha: 1 - alpha });
            average = average.addcmul(gradAvg, gradAvg, { value: -1 });
          }
          const root = average.sqrt().add(eps);
          if (buffer === undefined) param.addcdiv_(g, root, { value: -lr });
          else param.add_(buffer.mul_(momentum).addcdiv_(g, root), { alpha: -lr });
        },
      ),
  });

/** What a step of Adagrad takes beside its tensors. */
export interface AdagradAttrs {
  /** The learning rate of this step. */
  readonly rate: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Climb instead of descending. */
  readonly maximize: boolean;
}

type AdagradInputs = readonly ["...params", "...grads", "...sums"];

/** sum += g^2; param -= rate g / (sqrt(sum) + eps) */
export const adagradUpdateOp: Fusable<"adagradUpdate", AdagradInputs, AdagradAttrs, readonly []> =
  defineFusable("adagradUpdate", {
    inputs: ["...params", "...grads", "...sums"],
    outputs: [],
    mutates: ["params", "sums"],
    infer: ([params, grads, sums]) => checkUpdate(params, [grads, sums]),
    gradient: nonDifferentiable,
    decompose: (lists, attrs) =>
      each(lists, ([param, grad, sum]: [Tensor, Tensor, Tensor]) => {
        const { rate, eps } = attrs;
        const g = descent(param, grad, attrs);
        const root = sum.addcmul_(g, g).sqrt().add(eps);
        param.addcdiv_(g, root, { value: -rate });
      }),
  });

/** What a step of NAdam or RAdam takes beside its tensors: numbers that hold for this step. */
export interface MomentAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** A factor of the parameter in its own gradient. */
  readonly weightDecay: number;
  /** What the parameter is multiplied by first: 1 - lr weightDecay where the decay is decoupled. */
  readonly shrink: number;
  /** Climb instead of descending. */
  readonly maximize: boolean;
  /** How far the step goes along the gradient, and along its average. */
  readonly gradRate: number;
  readonly averageRate: number;
  /** What the average square is divided by. */
  readonly correction: number;
  /** Whether to divide by its root at all. */
  readonly adaptive: boolean;
}

type MomentInputs = readonly ["...params", "...grads", "...expAvgs", "...expAvgSqs"];

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * param = shrink param - (gradRate g + averageRate m) / (sqrt(v / correction) + eps)
 */
export const momentUpdateOp: Fusable<"momentUpdate", MomentInputs, MomentAttrs, readonly []> =
  defineFusable("momentUpdate", {
    inputs: ["...params", "...grads", "...expAvgs", "...expAvgSqs"],
    outputs: [],
    mutates: ["params", "expAvgs", "expAvgSqs"],
    infer: ([params, grads, m, v]) => checkUpdate(params, [grads, m, v]),
    gradient: nonDifferentiable,
    decompose: (lists, attrs) =>
      each(lists, ([param, grad, expAvg, expAvgSq]: [Tensor, Tensor, Tensor, Tensor]) => {
        const { beta1, beta2, eps, shrink, gradRate, averageRate } = attrs;
        const g = descent(param, grad, attrs);
        if (shrink !== 1) param.mul_(shrink);
        expAvg.mul_(beta1).add_(g, { alpha: 1 - beta1 });
        expAvgSq.mul_(beta2).addcmul_(g, g, { value: 1 - beta2 });
        if (!attrs.adaptive) {
          param.add_(g, { alpha: -gradRate }).add_(expAvg, { alpha: -averageRate });
          return;
        }
        const root = expAvgSq.div(attrs.correction).sqrt().add(eps);
        if (gradRate !== 0) param.addcdiv_(g, root, { value: -gradRate });
        param.addcdiv_(expAvg, root, { value: -averageRate });
      }),
  });
