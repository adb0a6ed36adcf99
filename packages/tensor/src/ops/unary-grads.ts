// The gradients of relu, sigmoid and tanh by their outputs, as ops of their own: what a training
// step runs most often, so that a backend may fuse them.
import { dispatch } from "../dispatch.ts";
import { defineFusable, type Fusable, type TensorSpec, throughDecomposition } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import type { NoAttrs } from "./rules.ts";

type OutputGrad<N extends string> = Fusable<N, readonly ["grad", "output"], NoAttrs>;

const byOutput = <const N extends string>(
  name: N,
  formula: (g: Tensor, y: Tensor) => Tensor,
): OutputGrad<N> =>
  defineFusable(name, {
    inputs: ["grad", "output"],
    elementwise: true,
    infer: ([grad]): [TensorSpec] => [{ shape: grad.shape, dtype: grad.dtype }],
    gradient: throughDecomposition,
    decompose: ([g, y]) => [formula(g, y)],
  });

/** dL/dx = g where y > 0 or NaN, else 0 */
export const reluGradOp: OutputGrad<"reluGrad"> = byOutput("reluGrad", (g, y) =>
  y.le(0).where(0, g),
);
/** dL/dx = g (1 - y) y */
export const sigmoidGradOp: OutputGrad<"sigmoidGrad"> = byOutput("sigmoidGrad", (g, y) =>
  g.mul(y.rsub(1)).mul(y),
);
/** dL/dx = g (1 - y^2) */
export const tanhGradOp: OutputGrad<"tanhGrad"> = byOutput("tanhGrad", (g, y) =>
  g.mul(y.mul(y).rsub(1)),
);

/** A gradient rule that is one of these ops. */
export const through =
  (op: OutputGrad<string>) =>
  (g: Tensor, y: Tensor): Tensor =>
    dispatch(op, [g, y], {});
