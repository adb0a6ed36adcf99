// Cross entropy by class index as one op: log-softmax and negative log likelihood together, so that a
// backend may run them, and their gradients, in one pass each.
import { dispatch } from "../dispatch.ts";
import { defineFusable, type Fusable, throughDecomposition } from "../op.ts";
import { type NllLossAttrs, nllLossGradOp, nllLossOp } from "./loss.ts";
import { logSoftmaxGradOp, logSoftmaxOp } from "./softmax.ts";

type Inputs = readonly ["input", "target", "weight?"];
type Outputs = readonly ["output", "totalWeight", "logProbabilities"];

/**
 * y = -w[t] x[t] for each target t, x the log-softmax of the input along dim 1; 0 where the target is
 * ignored; their sum, or that over the sum of w[t]
 */
export const crossEntropyOp: Fusable<"crossEntropy", Inputs, NllLossAttrs, Outputs> = defineFusable(
  "crossEntropy",
  {
    inputs: ["input", "target", "weight?"],
    outputs: ["output", "totalWeight", "logProbabilities"],
    saves: ["target", "weight", "totalWeight", "logProbabilities"],
    infer: (specs, attrs) => {
      const [output, totalWeight] = nllLossOp.infer(specs, attrs);
      const [{ shape, dtype }] = specs;
      return [output, totalWeight, { shape, dtype }] as never;
    },
    gradient: ({ grads, attrs, target, weight, totalWeight, logProbabilities: x }) => {
      const [g, , gradX] = grads;
      const operands = [g as never, x, target, weight, totalWeight] as const;
      const ofLoss = g && dispatch(crossEntropyGradOp, operands, attrs);
      const ofX = gradX && dispatch(logSoftmaxGradOp, [gradX, x], { dim: 1 });
      return [ofLoss && ofX ? ofLoss.add(ofX) : (ofLoss ?? ofX), undefined, undefined];
    },
    decompose: ([input, target, weight], attrs) => {
      const x = dispatch(logSoftmaxOp, [input], { dim: 1 });
      const [output, totalWeight] = dispatch(nllLossOp, [x, target, weight], attrs);
      return [output, totalWeight, x];
    },
  },
);

type GradInputs = readonly ["grad", "logProbabilities", "target", "weight?", "totalWeight"];

/** dL/dinput = g w[t] (softmax - 1 at t), or that over the total weight; 0 where the target is ignored */
export const crossEntropyGradOp: Fusable<"crossEntropyGrad", GradInputs, NllLossAttrs> =
  defineFusable("crossEntropyGrad", {
    inputs: ["grad", "logProbabilities", "target", "weight?", "totalWeight"],
    infer: ([, { shape, dtype }]) => [{ shape, dtype }],
    gradient: throughDecomposition,
    decompose: ([grad, x, target, weight, totalWeight], attrs) => {
      const classes = x.size(1);
      const operands = [grad, target, weight, totalWeight] as const;
      const picked = dispatch(nllLossGradOp, operands, { ...attrs, classes });
      return [dispatch(logSoftmaxGradOp, [picked, x], { dim: 1 })];
    },
  });
