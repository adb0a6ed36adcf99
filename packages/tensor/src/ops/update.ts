// The optimizers' updates of one parameter, in place, as one op each: a backend may fuse what the
// decomposition does in several passes. The arithmetic is PyTorch's, in its order.
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

function checkAlike(param: OperandSpec, others: readonly (OperandSpec | undefined)[]): void {
  requireFloat(param, "Parameter");
  requireSameDType([param, ...others]);
  for (const other of others)
    if (other !== undefined && !sameShape(other.shape, param.shape))
      throw new ShapeError(
        `Gradient or state does not fit: expected shape ${formatShape(param.shape)}, ` +
          `received ${formatShape(other.shape)}`,
      );
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

type SgdInputs = readonly ["param", "grad", "momentumBuffer?"];

/**
 * d = grad + weightDecay param; buffer = momentum buffer + (1 - dampening) d;
 * param -= lr buffer, or lr (d + momentum buffer) with Nesterov
 */
export const sgdUpdateOp: Fusable<"sgdUpdate", SgdInputs, SgdAttrs, readonly []> = defineFusable(
  "sgdUpdate",
  {
    inputs: ["param", "grad", "momentumBuffer?"],
    outputs: [],
    mutates: ["param", "momentumBuffer"],
    infer: ([param, grad, buffer]): readonly [] => {
      checkAlike(param, [grad, buffer]);
      return [];
    },
    gradient: nonDifferentiable,
    decompose: ([param, grad, buffer], attrs): readonly [] => {
      const { lr, momentum, dampening, nesterov, first } = attrs;
      let d = descent(param, grad, attrs);
      if (buffer !== undefined) {
        if (first) buffer.copy_(d);
        else buffer.mul_(momentum).add_(d, { alpha: 1 - dampening });
        d = nesterov ? d.add(buffer, { alpha: momentum }) : buffer;
      }
      param.add_(d, { alpha: -lr });
      return [];
    },
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

type AdamInputs = readonly ["param", "grad", "expAvg", "expAvgSq", "maxExpAvgSq?"];

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * param -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps); AMSGrad with the largest v
 */
export const adamUpdateOp: Fusable<"adamUpdate", AdamInputs, AdamAttrs, readonly []> =
  defineFusable("adamUpdate", {
    inputs: ["param", "grad", "expAvg", "expAvgSq", "maxExpAvgSq?"],
    outputs: [],
    mutates: ["param", "expAvg", "expAvgSq", "maxExpAvgSq"],
    infer: ([param, ...others]): readonly [] => {
      checkAlike(param, others);
      return [];
    },
    gradient: nonDifferentiable,
    decompose: ([param, grad, expAvg, expAvgSq, largest], attrs): readonly [] => {
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
      return [];
    },
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

type RmspropInputs = readonly ["param", "grad", "squareAvg", "gradAvg?", "momentumBuffer?"];

/**
 * v = alpha v + (1 - alpha) g^2; step = g / (sqrt(v) + eps), with v less the squared average of g
 * where there is one; param -= lr step, or lr (momentum buffer + step), which is the next buffer
 */
export const rmspropUpdateOp: Fusable<"rmspropUpdate", RmspropInputs, RmspropAttrs, readonly []> =
  defineFusable("rmspropUpdate", {
    inputs: ["param", "grad", "squareAvg", "gradAvg?", "momentumBuffer?"],
    outputs: [],
    mutates: ["param", "squareAvg", "gradAvg", "momentumBuffer"],
    infer: ([param, ...others]): readonly [] => {
      checkAlike(param, others);
      return [];
    },
    gradient: nonDifferentiable,
    decompose: ([param, grad, squareAvg, gradAvg, buffer], attrs): readonly [] => {
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
      return [];
    },
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

type AdagradInputs = readonly ["param", "grad", "sum"];

/** sum += g^2; param -= rate g / (sqrt(sum) + eps) */
export const adagradUpdateOp: Fusable<"adagradUpdate", AdagradInputs, AdagradAttrs, readonly []> =
  defineFusable("adagradUpdate", {
    inputs: ["param", "grad", "sum"],
    outputs: [],
    mutates: ["param", "sum"],
    infer: ([param, ...others]): readonly [] => {
      checkAlike(param, others);
      return [];
    },
    gradient: nonDifferentiable,
    decompose: ([param, grad, sum], attrs): readonly [] => {
      const { rate, eps } = attrs;
      const g = descent(param, grad, attrs);
      const root = sum.addcmul_(g, g).sqrt().add(eps);
      param.addcdiv_(g, root, { value: -rate });
      return [];
    },
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

type MomentInputs = readonly ["param", "grad", "expAvg", "expAvgSq"];

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * param = shrink param - (gradRate g + averageRate m) / (sqrt(v / correction) + eps)
 */
export const momentUpdateOp: Fusable<"momentUpdate", MomentInputs, MomentAttrs, readonly []> =
  defineFusable("momentUpdate", {
    inputs: ["param", "grad", "expAvg", "expAvgSq"],
    outputs: [],
    mutates: ["param", "expAvg", "expAvgSq"],
    infer: ([param, ...others]): readonly [] => {
      checkAlike(param, others);
      return [];
    },
    gradient: nonDifferentiable,
    decompose: ([param, grad, expAvg, expAvgSq], attrs): readonly [] => {
      const { beta1, beta2, eps, shrink, gradRate, averageRate } = attrs;
      const g = descent(param, grad, attrs);
      if (shrink !== 1) param.mul_(shrink);
      expAvg.mul_(beta1).add_(g, { alpha: 1 - beta1 });
      expAvgSq.mul_(beta2).addcmul_(g, g, { value: 1 - beta2 });
      if (!attrs.adaptive) {
        param.add_(g, { alpha: -gradRate }).add_(expAvg, { alpha: -averageRate });
        return [];
      }
      const root = expAvgSq.div(attrs.correction).sqrt().add(eps);
      if (gradRate !== 0) param.addcdiv_(g, root, { value: -gradRate });
      param.addcdiv_(expAvg, root, { value: -averageRate });
      return [];
    },
  });
