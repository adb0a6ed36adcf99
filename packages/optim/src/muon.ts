// Muon: momentum whose matrix is made orthogonal before the step.
import { ShapeError, type Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkNonNegative, checkOption } from "./options.ts";

/** Options of {@link Muon}. */
export interface MuonOptions {
  /** The learning rate. Default 0.001. */
  readonly lr?: number;
  /** By how much, times lr, the parameter shrinks. Default 0.1. */
  readonly weightDecay?: number;
  /** How slowly the average gradient changes. Default 0.95. */
  readonly momentum?: number;
  /** Whether to look ahead by one momentum step. Default true. */
  readonly nesterov?: boolean;
  /** The polynomial of the Newton-Schulz iteration. Default [3.4445, -4.775, 2.0315]. */
  readonly nsCoefficients?: readonly [number, number, number];
  /** The least norm to divide by. Default 1e-7. */
  readonly eps?: number;
  /** How many Newton-Schulz iterations, below 100. Default 5. */
  readonly nsSteps?: number;
  /**
   * How the rate goes by the parameter's shape [A, B]: "original" for sqrt(max(1, A / B)),
   * "matchRmsAdamw" for 0.2 sqrt(max(A, B)). Default null, which is "original".
   */
  readonly adjustLrFn?: "original" | "matchRmsAdamw" | null;
}

/**
 * Muon, for the matrices of hidden layers: m += (1 - momentum) (g - m); u = m, or
 * g + momentum (m - g) with Nesterov; u is made nearly orthogonal by Newton-Schulz iterations
 * x = a x + (b x x^T + c (x x^T)^2) x from x = u / |u|; p -= lr weightDecay p; p -= lr' x, with lr'
 * by `adjustLrFn`.
 *
 * The iterations round to bfloat16 whatever the parameter is, as PyTorch's; on a device without
 * bfloat16 they run in float32.
 *
 * @param params - Parameters of 2 dims, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @throws ShapeError if a parameter is no matrix.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Muon.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Muon } from "@tead/optim";
 * import { eye, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = eye(2).requiresGrad_();
 * const optimizer = new Muon([x], { lr: 0.1 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Number(x.trace().itemSync()) < 2);
 */
export class Muon extends Optimizer<MuonOptions> {
  constructor(params: Params<MuonOptions>, options: MuonOptions = {}) {
    const { lr = 1e-3, weightDecay = 0.1, momentum = 0.95, nesterov = true } = options;
    const { nsCoefficients = [3.4445, -4.775, 2.0315], eps = 1e-7, nsSteps = 5 } = options;
    const { adjustLrFn = null } = options;
    super(params, {
      ...{ lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn },
    });
  }

  protected override check(options: Required<MuonOptions>): void {
    const { nsSteps, nsCoefficients, adjustLrFn } = options;
    checkNonNegative("Muon", options, ["lr", "weightDecay", "momentum", "eps"]);
    const counts = Number.isInteger(nsSteps) && nsSteps >= 0 && nsSteps < 100;
    checkOption("Muon", "nsSteps", counts, "an integer from 0 to below 100", nsSteps);
    const three = nsCoefficients.length === 3;
    checkOption("Muon", "nsCoefficients", three, "three numbers", nsCoefficients);
    const known = [null, "original", "matchRmsAdamw"].includes(adjustLrFn);
    checkOption("Muon", "adjustLrFn", known, "original or matchRmsAdamw", adjustLrFn);
  }
  protected override checkParam(param: Tensor): void {
    if (param.ndim !== 2)
      throw new ShapeError(
        `Muon: Cannot optimize a parameter of ${param.ndim} dims: expected a matrix`,
        { hint: "give biases, embeddings and convolutions to AdamW" },
      );
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<MuonOptions>): void {
    const { lr, weightDecay, momentum, nesterov, adjustLrFn } = group;
    const [rows, columns] = param.shape as [number, number];
    const average = this.slot(param, "momentumBuffer").lerp_(grad, 1 - momentum);
    const update = orthogonal(nesterov ? grad.lerp(average, momentum) : average, group);
    const factor =
      adjustLrFn === "matchRmsAdamw"
        ? 0.2 * Math.sqrt(Math.max(rows, columns))
        : Math.sqrt(Math.max(1, rows / columns));
    param.mul_(1 - lr * weightDecay).add_(update.to(param.dtype), { alpha: -lr * factor });
  }
}

/** The matrix with all its singular values brought near 1, computed in bfloat16. */
function orthogonal(matrix: Tensor, options: ParamGroup<MuonOptions>): Tensor {
  const { nsCoefficients, nsSteps, eps } = options;
  const [a, b, c] = nsCoefficients;
  const rounds = matrix.device.capabilities.dtypes.includes("bfloat16");
  // Float32 tensors with bfloat16's values: each line below rounds once.
  const rounded = (x: Tensor): Tensor => (rounds ? x.to("bfloat16") : x).to("float32");
  const tall = matrix.size(0) > matrix.size(1);
  let x = rounded(tall ? matrix.t() : matrix);
  x = rounded(x.div(rounded(rounded(x.norm()).clampMin(eps))));
  for (let i = 0; i < nsSteps; i++) {
    const gram = rounded(x.matmul(x.t()));
    const update = rounded(gram.matmul(gram).mul_(c).add_(gram, { alpha: b }));
    x = rounded(update.matmul(x).add_(x, { alpha: a }));
  }
  return tall ? x.t() : x;
}
