// The parametrization behind `parametrizations.spectralNorm()`.
import { noGrad, type Tensor } from "@tead/tensor";
import { normalize } from "../functional/normalize.ts";
import { Module } from "../module/module.ts";
import { buffer, type ModuleBuffer } from "../parameter.ts";
import { matrixOf, type SpectralNormOptions } from "./spectral-norm.ts";

/** How many steps of power iteration make the first vectors. */
const FIRST_STEPS = 15;

/** A weight by its largest singular value u^T W v; a vector by its length. */
export class _SpectralNorm extends Module {
  /** The left and the right singular vector, unless the weight is a vector. */
  readonly _u?: ModuleBuffer;
  readonly _v?: ModuleBuffer;
  private readonly dim: number;
  private readonly eps: number;
  private readonly steps: number;

  constructor(weight: Tensor, options: SpectralNormOptions) {
    super();
    const { nPowerIterations = 1, eps = 1e-12, dim = 0 } = options;
    const { ndim } = weight;
    const refuse = (name: string, expected: string, received: number): never => {
      throw new RangeError(
        `spectralNorm: Option ${name} is not valid: expected ${expected}, received ${received}`,
      );
    };
    if (dim >= ndim || dim < -ndim) refuse("dim", `a dim of ${ndim}`, dim);
    if (nPowerIterations <= 0) refuse("nPowerIterations", "a number above 0", nPowerIterations);
    this.dim = dim < 0 ? dim + ndim : dim;
    this.eps = eps;
    this.steps = nPowerIterations;
    if (ndim < 2) return;
    const matrix = matrixOf(weight.detach(), this.dim);
    const [rows, columns] = matrix.shape as readonly [number, number];
    const drawn = (size: number): Tensor => matrix.newEmpty([size]).normal_(0, 1);
    const [u, v] = [drawn(rows), drawn(columns)];
    this._u = buffer(this.unit(u));
    this._v = buffer(this.unit(v));
    this.iterate(matrix, FIRST_STEPS);
  }

  private unit(vector: Tensor): Tensor {
    return normalize(vector, { dim: 0, eps: this.eps });
  }
  private iterate(matrix: Tensor, steps: number): void {
    const [u, v] = [this._u as Tensor, this._v as Tensor];
    noGrad(() => {
      for (let i = 0; i < steps; i++) {
        u.copy_(this.unit(matrix.mv(v)));
        v.copy_(this.unit(matrix.t().mv(u)));
      }
    });
  }

  override forward(weight: Tensor): Tensor {
    if (this._u === undefined || this._v === undefined) return this.unit(weight);
    const matrix = matrixOf(weight, this.dim);
    if (this.training) this.iterate(matrix, this.steps);
    // Copies: the next forward writes over both, which backward still reads.
    return weight.div(this._u.clone().dot(matrix.mv(this._v.clone())));
  }
  rightInverse(value: Tensor): Tensor {
    return value;
  }
}
