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
      const { lr, weightDecay, momentum, dampening, nesterov, maximize, first } = attrs;
      let d = maximize ? grad.neg() : grad;
      if (weightDecay !== 0) d = d.add(param, { alpha: weightDecay });
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
      let g = maximize ? grad.neg() : grad;
      if (decoupled) param.mul_(1 - lr * weightDecay);
      else if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
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
